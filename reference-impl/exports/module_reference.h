// Keeps this library loaded. Whoever holds an object has code of this library to call, and the notification thread runs
// in it, whatever becomes of the handles that LoadLibrary gave.
#pragma once

namespace offline_state {

#ifdef _WIN32
class ModuleReference {
public:
    ModuleReference() noexcept;

    /// Gives the reference back a second later: the caller is still inside this library, and returns from it.
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
