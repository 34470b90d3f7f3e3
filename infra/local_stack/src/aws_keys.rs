//! The keys with which calls to the emulated AWS are signed: random, and kept in a file that only its owner reads.

use super::DataDir;
use base16ct::upper;
use rand::TryRng;
use rekindle_platform::AccessKeys;
use serde::{Deserialize, Serialize};
use std::io;

const FILE: &str = "aws-keys.json";
/// Bytes of randomness in the id of a key, and in its secret.
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;

/// The content of the file.
#[derive(Serialize, Deserialize)]
struct Stored {
    id: String,
    secret: String,
}

/// Loads the keys of a directory, or makes them.
pub(crate) fn load(data: &DataDir) -> io::Result<AccessKeys> {
    let stored = match data.load(FILE)? {
        Some(text) => serde_json::from_str(&text).map_err(|_| io::Error::other(format!("{FILE} cannot be read")))?,
        None => {
            let made = Stored { id: format!("LOCAL{}", random::<ID_BYTES>()?), secret: random::<SECRET_BYTES>()? };
            data.replace(FILE, &serde_json::to_string(&made)?)?;
            made
        }
    };
    Ok(AccessKeys { id: stored.id, secret: stored.secret, session: None })
}

fn random<const BYTES: usize>() -> io::Result<String> {
    let mut bytes = [0_u8; BYTES];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(upper::encode_string(&bytes))
}
