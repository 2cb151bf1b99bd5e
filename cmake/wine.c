/* Loaded into Wine by cmake/wine.
 *
 * At the end of a program Wine closes its connection to wineserver, and ends the process after that. Who has not ended
 * half a second after the connection is killed by wineserver (process_sigkill() in Wine's server/process.c): on a busy
 * machine a program that has done everything ends with SIGKILL instead of its own status. A second descriptor of the
 * connection stays open until the process has ended.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int connect(int fd, const struct sockaddr* address, socklen_t length) {
    const int result = (int)syscall(SYS_connect, fd, address, length);
    if (result == 0 && address->sa_family == AF_UNIX &&
        strcmp(((const struct sockaddr_un*)address)->sun_path, "socket") == 0) {
        fcntl(fd, F_DUPFD_CLOEXEC, 0);
    }
    return result;
}
