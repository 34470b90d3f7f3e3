//! How release bootstraps are linked: functions that came out identical are folded into one (Rust gives no function an address
//! of its own), which takes a tenth off a bootstrap. Only where the linker is the one that Rust brings along, LLD.

fn main() {
    println!("cargo::rerun-if-changed=../link.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|is| is == value);
    let brings_its_linker = is("TARGET", "x86_64-unknown-linux-gnu") && std::env::var_os("RUSTC_LINKER").is_none();
    if is("PROFILE", "release") && brings_its_linker {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all,-O2");
    }
}
