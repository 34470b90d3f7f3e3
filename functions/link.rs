//! How release bootstraps are linked, where the linker is Rust's own, LLD.
//!
//! - Functions that came out identical are folded into one (Rust gives no function an address of its own): a tenth less.
//! - At a fixed address, as Go's programs are: otherwise every cold start begins with writing 17,000 addresses into the
//!   program, which are a twentieth of it. Stack, heap and libraries stay where chance puts them.

fn main() {
    println!("cargo::rerun-if-changed=../link.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|is| is == value);
    let brings_its_linker = is("TARGET", "x86_64-unknown-linux-gnu") && std::env::var_os("RUSTC_LINKER").is_none();
    if is("PROFILE", "release") && brings_its_linker {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all,-O2");
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
