"""The .deb, tried in an empty root: dpkg is told to look there, and the maintainer scripts are,
too (DPKG_ROOT)."""

import os
import re

from trial import HANDLERS, TOP, files_below, read

CONFIG = "etc/asyncd/asyncd.toml"
UNIT = "usr/lib/systemd/system/asyncd.service"
ENABLED = "etc/systemd/system/multi-user.target.wants/asyncd.service"
# What systemd-sysusers leaves where there were no users before, and dpkg's own books.
USERS = re.compile(r"etc/(passwd|group|shadow|gshadow)-?$|etc/\.pwd\.lock$")
BOOKS = re.compile(r"var/lib/dpkg/|var/log/dpkg.log$")
SYSTEMD_BOOKS = re.compile(r"var/lib/systemd/deb-systemd-helper-")
MOST_EXPOSED = 20  # by systemd-analyze security, of 100


class Root:
    """A folder that dpkg takes for a whole system. Without root's rights fakeroot stands in for
    them."""

    def __init__(self, trial):
        self.trial = trial
        self.path = os.path.join(trial.folder, "root")
        for folder in ("etc", "var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"):
            os.makedirs(os.path.join(self.path, folder))
        for name in ("status", "available"):
            with open(self.at("var/lib/dpkg", name), "w", encoding="utf-8"):
                pass
        self.as_root = [] if os.geteuid() == 0 else ["fakeroot"]

    def at(self, *parts):
        return os.path.join(self.path, *parts)

    def dpkg(self, *arguments):
        # It looks there for what it runs, and a user's PATH need not have it.
        path = "/usr/local/sbin:/usr/sbin:/sbin:" + os.environ.get("PATH", os.defpath)
        # The empty root has none of the libraries: their names are checked elsewhere. A machine
        # that runs this may have told its own dpkg to leave documentation out.
        self.trial.run(*self.as_root, "dpkg", f"--root={self.path}",
                       f"--log={self.at('var/log/dpkg.log')}",
                       "--force-depends", "--force-script-chrootless",
                       "--path-include=/usr/share/*", *arguments, env={"PATH": path})

    def files(self):
        return [path for path in files_below(self.path) if not BOOKS.match(path)]


def debian(trial):
    trial.build_here(trial.build, "-DCMAKE_INSTALL_PREFIX=/usr")
    developers, package = sorted(trial.pack(trial.build, "DEB"), key=is_for_users)
    check_package(trial, package)
    check_developers_package(trial, developers)
    root = Root(trial)
    check_installed(trial, root, package)
    check_unit(trial, root)
    check_program(trial, root.path, "usr/bin", os.path.dirname(handlers_of(trial, package)[0]))
    check_removal(trial, root, package)
    check_plain_installation(trial)
    return f"{os.path.basename(package)} and {os.path.basename(developers)}"


def is_for_users(package):
    return "-dev_" not in os.path.basename(package)


def handlers_of(trial, package):
    return re.findall(r" \./(\S+/asyncd/handlers/\S+\.so)$", trial.run("dpkg-deb", "-c", package),
                      re.MULTILINE)


def check_package(trial, package):
    version = trial.run("dpkg-deb", "-f", package, "Version").strip()
    newest = trial.run("dpkg-parsechangelog", "-l", "packaging/debian/changelog", "-S",
                       "Version").strip()
    trial.same("the changelog begins with the package's version", newest, version)
    trial.run("lintian", "--fail-on=error,warning", package)
    trial.check("lintian finds neither errors nor warnings", True)
    # What is needed is what this machine, which built it, has installed.
    control = os.path.join(trial.folder, "control")
    with open(control, "w", encoding="utf-8") as file:
        file.write("Source: asyncd\nMaintainer: none <none@example.org>\n\n"
                   "Package: asyncd\nArchitecture: any\n")
    depends = trial.run("dpkg-deb", "-f", package, "Depends").strip()
    trial.run("dpkg-checkbuilddeps", "-d", depends, "-c", "", control)
    trial.check("the dependencies are packages of this system",
                "libc6" in depends and "libstdc++6" in depends, depends)


def check_developers_package(trial, package):
    trial.run("lintian", "--fail-on=error,warning", package)
    trial.check("lintian finds nothing in that for developers either", True)
    needed = [trial.run("dpkg-deb", "-f", package,
                        field).strip() for field in ("Architecture", "Depends")]
    trial.same("it is for every machine and depends on nothing", needed, ["all", ""])
    wanted = ["usr/include/asyncd/asyncd.h", "usr/share/cmake/asyncd/asyncdConfig.cmake",
              "usr/share/pkgconfig/asyncd.pc", "usr/share/doc/asyncd-dev/copyright"]
    trial.same("it has what developers need", sorted(set(wanted) - set(files_of(trial, package))),
               [])


def files_of(trial, package):
    return re.findall(r" \./(\S*[^/\s])$", trial.run("dpkg-deb", "-c", package), re.MULTILINE)


def check_installed(trial, root, package):
    root.dpkg("--install", package)
    listed = files_of(trial, package)
    more = set(root.files()) - set(listed)
    trial.same("every file of the package is there", sorted(set(listed) - set(root.files())), [])
    unknown = [path for path in more if path != ENABLED and not USERS.match(path)
               and not SYSTEMD_BOOKS.match(path)]
    trial.same("and no other", unknown, [])
    trial.check("the service is enabled",
                os.readlink(root.at(ENABLED)).endswith("/systemd/system/asyncd.service"))
    trial.check_documents(root.at("usr/share/doc/asyncd"))
    trial.check("its user exists", "\n_asyncd:" in "\n" + read(root.at("etc/passwd")))


def check_unit(trial, root):
    started = re.search(r"^ExecStart=(\S+) -c (\S+)$", read(root.at(UNIT)), re.MULTILINE)
    trial.same("the service starts what is installed", started and started.groups(),
               ("/usr/bin/asyncd", "/" + CONFIG))
    # The root has none of what the unit names, so it is looked at from this machine.
    unit = os.path.join(trial.folder, "asyncd.service")
    with open(unit, "w", encoding="utf-8") as file:
        file.write(read(root.at(UNIT)).replace("=/usr/bin/asyncd", f"={root.at('usr/bin/asyncd')}"))
    told = trial.try_run("systemd-analyze", "--man=no", "verify", unit)
    trial.check("systemd accepts the unit",
                told.returncode == 0 and "asyncd.service:" not in told.stderr, told.stderr)
    trial.run("systemd-analyze", "security", "--offline=true", f"--root={root.path}",
              f"--threshold={MOST_EXPOSED}", "asyncd.service")
    trial.check(f"its exposure is at most {MOST_EXPOSED} of 100", True)


def check_program(trial, root, bin_folder, handlers):
    """The installed program by itself: it knows its version, finds its handlers and serves its
    configuration."""
    program = os.path.join(root, bin_folder, "asyncd")
    version = re.search(r"project\(asyncd VERSION (\S+)", read("CMakeLists.txt")).group(1)
    trial.same("the program tells its version", trial.run(program, "--version"),
               f"asyncd {version}\n")
    found = trial.run(program, "handlers", "--no-config", cwd="/")
    paths = [os.path.join(root, handlers, name + ".so") for name in HANDLERS]
    trial.same("it finds the handlers that were installed",
               re.findall(r"^ +(/\S+\.so)$", found, re.MULTILINE), paths)
    config = os.path.join(root, CONFIG)
    trial.check("its configuration is right",
                "ok, 1 listener" in trial.run(program, "check", "-c", config, cwd="/"))
    trial.check_served([program, "-c", config])


def check_removal(trial, root, package):
    setting = "# a setting of the administrator\n"
    with open(root.at(CONFIG), "a", encoding="utf-8") as config:
        config.write(setting)
    root.dpkg("--install", package)
    trial.check("installing it again keeps a changed configuration",
                setting in read(root.at(CONFIG)))
    root.dpkg("--remove", "asyncd")
    kept = [path for path in root.files() if not USERS.match(path)
            and not SYSTEMD_BOOKS.match(path)]
    trial.same("removing it keeps the configuration alone", kept, [CONFIG, ENABLED])
    root.dpkg("--purge", "asyncd")
    trial.same("purging it leaves nothing but its user",
               [path for path in root.files() if not USERS.match(path)], [])
    left = [folder for folder in ("etc/asyncd", "usr") if os.path.exists(root.at(folder))]
    trial.same("and no empty folder", left, [])


def check_plain_installation(trial):
    """cmake --install with a prefix and a library folder of a packager's choice, moved elsewhere
    afterwards."""
    build, prefix = trial.build + "-prefix", os.path.join(trial.folder, "opt/asyncd")
    # It is about where things are, so asyncd is linked as it was compiled, which is quicker.
    trial.build_here(build, "-DCMAKE_INSTALL_PREFIX=/usr/local", "-DCMAKE_INSTALL_LIBDIR=lib64",
                     "-DCMAKE_EXE_LINKER_FLAGS=-fno-lto")
    trial.run("cmake", "--install", build, "--prefix", prefix)
    wanted = ["bin/asyncd", CONFIG, "share/man/man1/asyncd.1.gz",
              "lib/systemd/system/asyncd.service"]
    trial.same("cmake --install puts all below its prefix",
               sorted(set(wanted) - set(files_below(prefix))), [])
    trial.check_documents(os.path.join(prefix, "share/doc/asyncd"))
    check_program(trial, prefix, "bin", "lib64/asyncd/handlers")
    with open(os.path.join(prefix, CONFIG), "w", encoding="utf-8") as config:
        config.write("# mine\n")
    trial.run("cmake", "--install", build, "--prefix", prefix)
    trial.same("installing again keeps the configuration", read(os.path.join(prefix, CONFIG)),
               "# mine\n")
