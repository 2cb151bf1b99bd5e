/* Loaded into Wine by cmake/wine.
 *
 * When a program ends, Wine ends the threads that it has left, closes its connection to wineserver and calls exit(). A
 * thread that was just ending by itself may then have left a lock of the dynamic loader locked, for which exit() waits
 * for ever. After half a second wineserver kills what has no connection any more (process_sigkill() in Wine's
 * server/process.c): a program that has done everything ends with SIGKILL instead of its own status. At that point
 * nothing is left to be done by exit().
 */
#include <unistd.h>

void exit(int status) {
    _exit(status);
}
