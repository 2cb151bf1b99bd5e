// Names the statements that a test proves.
#pragma once

#include <gtest/gtest.h>

/// Records the IDs of the statements that this test proves, separated by spaces, in the test's report.
#define PROVES(ids) ::testing::Test::RecordProperty("statements", ids)
