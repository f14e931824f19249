//! The one place that draws random bytes: session tokens, receipt codes.

use rand::TryRng as _;

/// `N` bytes from the operating system's generator.
///
/// # Errors
/// The operating system could not give any; nothing secret may be made then.
pub fn bytes<const N: usize>() -> Result<[u8; N], rand::rngs::SysError> {
    let mut bytes = [0; N];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}
