// Counts the faults that a test puts in, for the report; the guide's page on testing adds them up.
#pragma once

#include <gtest/gtest.h>

/// Records that this test has put in so many faults of this kind: allocation, thread, client, sink.
#define FAULTS(kind, count) ::testing::Test::RecordProperty("faults_" kind, static_cast<int>(count))
