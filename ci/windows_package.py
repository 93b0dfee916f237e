"""The .zip for Windows, cross-built, unpacked into a folder with an awkward name and run under
wine."""

import os
import re
import zipfile

from trial import HANDLERS, TOP, read
from wine import Wine

# What every Windows 10 has. Anything else would have to be in the .zip.
SYSTEM_LIBRARIES = {"advapi32.dll", "kernel32.dll", "msvcrt.dll", "mswsock.dll", "shell32.dll",
                    "ws2_32.dll"}


def windows(trial):
    # Of the build that is tested.
    print("package: windows: building", flush=True)
    trial.run("cmake", "--preset", "windows", "-DASYNCD_WERROR=ON")
    trial.run("cmake", "--build", "--preset", "windows", "--target", "serve")
    [package] = trial.pack("build/windows", "ZIP")
    folder = unpack(trial, package)
    check_libraries(trial, folder)
    with Wine(os.path.join(TOP, "build", "windows", "wine")) as wine:
        # How wine reads the names of this system's files is up to the locale.
        check_program(trial, folder, wine.env | {"LC_ALL": "C.UTF-8"})
    return os.path.basename(package)


def unpack(trial, package):
    # Found from any folder: with spaces, letters beyond ASCII, and not the current one.
    place = os.path.join(trial.folder, "Eigene Programme \u00fc")
    with zipfile.ZipFile(package) as archive:
        names = sorted(name for name in archive.namelist() if not name.endswith("/"))
        archive.extractall(place)
    top = os.path.basename(package).removesuffix(".zip")
    trial.same("all is in one folder", [name for name in names if not name.startswith(top + "/")],
               [])
    wanted = ["ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE", "README.md", "bin/asyncd.exe",
              "conf/asyncd.toml"]
    wanted += ["licenses.txt", "plugins/sdk/asyncd.h"]
    wanted += ["include/asyncd/asyncd.h", "share/cmake/asyncd/asyncdConfig.cmake",
               "share/pkgconfig/asyncd.pc"]
    wanted += [f"lib/asyncd/handlers/{name}.dll" for name in HANDLERS]
    trial.same("every file is there", [name for name in wanted if f"{top}/{name}" not in names], [])
    known = ("/conf/examples/", "/docs/", "/include/asyncd/", "/share/cmake/asyncd/")
    more = [name for name in names if name[len(top) + 1 :] not in wanted
            and not any(part in name for part in known)]
    trial.same("and no other", more, [])
    trial.check_documents(os.path.join(place, top))
    return os.path.join(place, top)


def check_libraries(trial, folder):
    for path, _, names in os.walk(folder):
        for name in names:
            if not name.endswith((".exe", ".dll")):
                continue
            told = trial.run("x86_64-w64-mingw32-objdump", "-p", os.path.join(path, name))
            needed = {library.lower() for library in re.findall(r"DLL Name: (\S+)", told)}
            trial.same(f"{name} needs nothing but the system's libraries",
                       sorted(needed - SYSTEM_LIBRARIES), [])


def check_program(trial, folder, env):
    asyncd = ["ci/toolchains/wine", os.path.join(folder, "bin", "asyncd.exe")]
    version = re.search(r"project\(asyncd VERSION (\S+)", read("CMakeLists.txt")).group(1)
    trial.same("the program tells its version", trial.run(*asyncd, "--version", env=env),
               f"asyncd {version}\n")
    asyncd[0] = os.path.join(TOP, asyncd[0])
    found = trial.run(*asyncd, "handlers", "--no-config", env=env, cwd="/").replace("\\", "/")
    paths = re.findall(r"^ +Z:(/.*\.dll)\s*$", found, re.MULTILINE)
    wanted = [os.path.join(folder, "lib/asyncd/handlers", name + ".dll") for name in HANDLERS]
    trial.same("it finds the handlers that came with it", paths, wanted)
    config = os.path.join(folder, "conf", "asyncd.toml")
    told = trial.run(*asyncd, "check", "-c", "Z:" + config.replace("/", "\\"), env=env, cwd="/")
    trial.check("its configuration is right", "ok, 1 listener" in told, told)
    trial.check_served([*asyncd, "-c", config], env)
