// What a test records in its report.
#pragma once

#include <gtest/gtest.h>

/// Records the IDs of the statements that this test proves, separated by spaces, in the test's report.
#define PROVES(ids) ::testing::Test::RecordProperty("statements", ids)

/// Records that this test has put in so many faults of this kind: allocation, thread, client, sink. The guide's page on
/// testing adds them up.
#define FAULTS(kind, count) ::testing::Test::RecordProperty("faults_" kind, static_cast<int>(count))
