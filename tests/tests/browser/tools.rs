//! What these tests need on the machine: Chromium, its driver, axe-core, libraries for browsers. What is missing is installed, once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The driver of the installed Chromium.
pub(crate) fn chromedriver() -> &'static Path {
    static DRIVER: OnceLock<PathBuf> = OnceLock::new();
    DRIVER.get_or_init(|| {
        if on_path("chromium").is_none() || on_path("chromedriver").is_none() {
            apt_get(&["update"]);
            apt_get(&["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]);
        }
        let install = "install both as root: apt-get install --yes chromium chromium-driver";
        assert!(on_path("chromium").is_some(), "these tests need chromium; {install}");
        on_path("chromedriver").unwrap_or_else(|| panic!("these tests need chromedriver; {install}"))
    })
}

/// The source of axe-core, which finds barriers for people with disabilities on a page.
pub(crate) fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let environment = target().join("axe-core");
        let script = environment.join("axe.min.js");
        if !script.exists() {
            // This package is axe-core 4.12 beside a few lines of Python, which are not used.
            let find =
                "import importlib.util as u; print(u.find_spec('axe_playwright_python').submodule_search_locations[0])";
            let python = environment.join("bin/python");
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
            let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "axe-playwright-python==0.1.8"];
            run(Command::new(&python).args(pip));
            let folder = run(Command::new(&python).args(["-c", find]));
            let unfinished = environment.join("unfinished");
            std::fs::copy(Path::new(folder.trim()).join("axe.min.js"), &unfinished)
                .expect("axe-core is in its package");
            std::fs::rename(unfinished, &script).expect("a place for axe-core");
        }
        std::fs::read_to_string(script).expect("axe-core")
    })
}

/// The folder with the libraries for browsers that shops have in their pages, as npm has them.
pub(crate) fn browser_libraries() -> &'static Path {
    static LIBRARIES: OnceLock<PathBuf> = OnceLock::new();
    LIBRARIES.get_or_init(|| {
        let folder = target().join("browser-libraries");
        let packages = ["@segment/analytics-next@1.84.3", "@rudderstack/analytics-js@3.34.1"];
        let installed = folder.join("installed");
        if std::fs::read_to_string(&installed).unwrap_or_default() != packages.join(" ") {
            if on_path("npm").is_none() {
                apt_get(&["update"]);
                apt_get(&["install", "--yes", "--no-install-recommends", "nodejs", "npm"]);
            }
            assert!(on_path("npm").is_some(), "these tests need npm; install it: apt-get install --yes nodejs npm");
            std::fs::create_dir_all(&folder).expect("a folder for libraries");
            // Nothing of a package runs while it is installed.
            let install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix"];
            run(Command::new("npm").args(install).arg(&folder).args(packages));
            std::fs::write(&installed, packages.join(" ")).expect("written");
        }
        folder.join("node_modules")
    })
}

/// The folder that these tests leave their pictures in.
pub(crate) fn pictures() -> PathBuf {
    let folder = target().join("pages");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}

fn target() -> PathBuf {
    let tests = std::env::current_exe().expect("the path of the tests");
    tests.ancestors().nth(3).expect("target/<profile>/deps/<test>").to_owned()
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn apt_get(arguments: &[&str]) {
    let told = Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments).output();
    // If a tool is still missing afterwards, the function that needs it reports it.
    if let Ok(output) = told
        && !output.status.success()
    {
        eprintln!("apt-get {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("python3 and npm are needed for these tests: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}
