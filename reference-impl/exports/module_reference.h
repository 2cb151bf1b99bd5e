// Keeps this library loaded while its code may run: clients hold objects, and the notification thread runs in it, even
// after FreeLibrary was called for each LoadLibrary.
#pragma once

namespace offline_state {

#ifdef _WIN32
class ModuleReference {
public:
    ModuleReference() noexcept;

    /// Releases the reference a second later, since the caller still has to return from this library.
    ~ModuleReference();

    ModuleReference(const ModuleReference&) = delete;
    ModuleReference& operator=(const ModuleReference&) = delete;

private:
    void* module_ = nullptr; // HMODULE
};
#else
struct ModuleReference {}; // linked with -z nodelete, it is never unloaded
#endif

} // namespace offline_state
