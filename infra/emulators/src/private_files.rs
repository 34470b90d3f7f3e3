//! Files and directories that only their owner can read: on Unix files have the mode 0600 and directories 0700. They are created with
//! it, so at no moment can others open them. Other systems protect a user's files by where they are.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// The mode of a directory.
#[cfg(unix)]
const DIRECTORY_MODE: u32 = 0o700;
/// The mode of a file.
#[cfg(unix)]
const FILE_MODE: u32 = 0o600;
/// The bits of a mode that let others than the owner in.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Options that create a private file.
#[must_use]
pub fn options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE_MODE);
    options
}

/// Creates a private directory, and those above it that do not exist. One that exists keeps its mode.
///
/// # Errors
/// It cannot be created.
pub fn create_dir_all(path: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, DIRECTORY_MODE);
    builder.recursive(true).create(path)
}

/// Creates an empty private file if there is none, for programs that open it later in their own way.
///
/// # Errors
/// The file cannot be created or opened.
pub fn create_if_missing(path: &Path) -> io::Result<()> {
    options().create(true).append(true).open(path).map(|_| ())
}

/// Writes a private file in the place of what was there.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    options().create(true).truncate(true).write(true).open(path)?.write_all(content)
}

/// Takes from others what they may do with a file or directory that exists, and returns whether that was anything. What a
/// link leads to is left as it is.
///
/// # Errors
/// The file belongs to another user, or cannot be read.
#[cfg(unix)]
pub fn tighten(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let found = fs::symlink_metadata(path)?;
    let mode = found.permissions().mode();
    if found.is_symlink() || mode & OTHERS == 0 {
        return Ok(false);
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7777 & !OTHERS))?;
    Ok(true)
}

/// Does nothing where files have no modes.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn tighten(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Whether every user of the machine may write in a directory.
#[cfg(unix)]
#[must_use]
pub fn is_writable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o002 != 0)
}

/// Never, where files have no modes.
#[cfg(not(unix))]
#[must_use]
pub fn is_writable_by_all(_path: &Path) -> bool {
    false
}
