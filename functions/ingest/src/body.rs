//! Reads the text of a request's body: uncompressed, bounded, UTF-8 but for single bytes.

use crate::problem::Problem;
use crate::repair;
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, header};
use rekindle_platform::gateway::Body;
use std::io::Read;

/// Reads the body, and says whether characters of it were replaced. At most `max_len` bytes are kept, however large a compressed
/// body would become.
pub(crate) fn parse(headers: &HeaderMap, body: Body, max_len: usize) -> Result<(String, bool), Problem> {
    let bytes = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase());
    let bytes = match encoding.as_deref() {
        None | Some(b"" | b"identity") => bytes,
        Some(b"gzip" | b"x-gzip") => uncompress(&bytes, max_len)?,
        Some(_) => return Err(Problem::unsupported_encoding()),
    };
    if bytes.len() > max_len {
        return Err(Problem::too_large(&format!(
            "The body is longer than {max_len} bytes. Send fewer events at once."
        )));
    }
    Ok(repair::text(bytes))
}

fn uncompress(bytes: &[u8], max_len: usize) -> Result<Vec<u8>, Problem> {
    let mut plain = Vec::new();
    // One byte more than allowed shows that there is too much.
    let read = MultiGzDecoder::new(bytes).take(max_len as u64 + 1).read_to_end(&mut plain);
    read.map_err(|_| Problem::malformed("The body is not what Content-Encoding says: it cannot be read as gzip."))?;
    Ok(plain)
}
