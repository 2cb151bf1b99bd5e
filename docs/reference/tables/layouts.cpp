// Compiled to assembly for each Windows target, and never assembled: tools/tables.py reads the lines with an @.
#include <mapioffline.h>

#include <cstddef>

#define CONSTANT(name)
#define RESULT(name)
#define IDENTIFIER(name)
#define SLOT(type, method)
#define STRUCT(type) asm("@\t" #type "\t%c0\t%c0" : : "i"(sizeof(type)));
#define MEMBER(type, member)                                                                                           \
    asm("@\t" #type "." #member "\t%c0\t%c1" : : "i"(offsetof(type, member)), "i"(sizeof(type{}.member)));

void layouts() {
#include "names.inc"
}
