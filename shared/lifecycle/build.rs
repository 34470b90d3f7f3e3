//! Makes the values of the default policy out of its text, so that what decides and sends has no TOML to read.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=policy.toml");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let values: serde_json::Value = toml::from_str(&std::fs::read_to_string("policy.toml")?)?;
    std::fs::write(out.join("policy.json"), values.to_string())?;
    Ok(())
}
