"""Programs that want to talk to somebody."""

from tests.hostile.program import attack

PROGRAMS = (
    attack(
        "tcp",
        """
        import socket
        try: socket.create_connection(("127.0.0.1", @TCP@), timeout=1).sendall(b"x"); print("sent")
        except OSError: print("refused")
        """,
        "ok",
        stdout="refused\n",
    ),
    attack(
        "tcp_version_6",
        """
        import socket
        try: socket.create_connection(("::1", @TCP@), timeout=1).sendall(b"x"); print("sent")
        except OSError: print("refused")
        """,
        "ok",
        stdout="refused\n",
    ),
    attack(
        "udp",
        """
        import socket
        try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", @UDP@))
        except OSError: pass
        """,
        "ok",
    ),
    attack(
        "unix_socket_by_path",
        """
        import socket
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try: socket.socket(socket.AF_UNIX, kind).connect("@UNIX@"); print("connected")
            except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "unix_socket_by_abstract_name",
        """
        import socket
        try: socket.socket(socket.AF_UNIX).connect("\\0@ABSTRACT@"); print("connected")
        except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "datagrams_through_a_pair",
        """
        import socket
        try:
            one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            one.sendto(b"x", "@DATAGRAMS@"); print("sent")
        except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "names_and_the_internet",
        """
        import socket
        for target in (("169.254.169.254", 80), ("8.8.8.8", 53), ("example.com", 80)):
            try: socket.create_connection(target, timeout=0.3); print("connected")
            except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "raw_and_odd_sockets",
        """
        import socket
        for family, kind in ((2, 3), (17, 3), (16, 3), (38, 5), (40, 1), (29, 3)):
            try: socket.socket(family, kind); print("opened", family)
            except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "listen_for_the_harness",
        """
        import socket, time
        try:
            server = socket.create_server(("0.0.0.0", @FREE@))
            server.settimeout(0.5)
            server.accept(); print("accepted")
        except OSError: pass
        """,
        "ok",
        stdout="",
    ),
    attack(
        "io_uring",
        """
        import ctypes
        print(ctypes.CDLL(None).syscall(425, 8, ctypes.create_string_buffer(120)) < 0)
        """,
        "ok",
        stdout="True\n",
    ),
    attack(
        "helper_programs",
        """
        import subprocess
        for command in (["bash", "-c", "echo x > /dev/tcp/127.0.0.1/@TCP@"], ["curl", "-sm1", "http://127.0.0.1:@TCP@/"]):
            try: subprocess.run(command, capture_output=True, timeout=2)
            except (OSError, subprocess.TimeoutExpired): pass
        """,
        "ok",
    ),
)
