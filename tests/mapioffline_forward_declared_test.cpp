// The header after the declarations that Microsoft's MAPIStubLibrary has at global scope. This file compiles, or the
// statement is wrong: both must be structs with a tag, in the global namespace.
struct IMAPIOfflineMgr;
struct MAPIOFFLINE_CREATEINFO;

#include <mapioffline.h>

#include "support/proves.h"

#include <type_traits>

namespace {

TEST(MapiOfflineHeader, FitsForwardDeclarationsAtGlobalScope) {
    PROVES("TYPE-8@0ca8");
    static_assert(std::is_class_v<struct ::MAPIOFFLINE_CREATEINFO>);
    static_assert(std::is_base_of_v<IMAPIOffline, struct ::IMAPIOfflineMgr>);
    EXPECT_LT(0u, sizeof(struct ::MAPIOFFLINE_CREATEINFO));
}

} // namespace
