//! The client of the public web.

use super::address::{AddressError, WebAddress};
use super::answer::{Answer, Download, Version};
use super::error::{MAX_REDIRECTS, WebError, within};
use super::network::{Network, System};
use super::public::is_public;
use crate::http_client::{Stream, Trust};
use aws_smithy_types::body::SdkBody;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_rustls::TlsConnector;

/// The longest time until a name is resolved, and until a connection is open and encrypted.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time until a server answers. Some write the file first.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Most addresses of a name that are tried.
const MAX_ADDRESSES_TRIED: usize = 3;
const USER_AGENT: &str = concat!("Rekindle/", env!("CARGO_PKG_VERSION"));

/// Reads files of the public web. Clones share what they trust.
#[derive(Clone)]
pub struct PublicWeb {
    network: Arc<dyn Network>,
    /// Made at the first use, so that no start waits for it.
    tls: Arc<OnceLock<TlsConnector>>,
}

impl PublicWeb {
    /// Over the network of the machine, trusting the roots that browsers trust, as Mozilla publishes them.
    #[must_use]
    pub fn system() -> Self {
        Self { network: Arc::new(System), tls: Arc::default() }
    }

    /// Over another network, trusting the certificates of a PEM file.
    ///
    /// # Panics
    /// The text has no certificate.
    #[must_use]
    pub fn over(network: Arc<dyn Network>, trusted_pem: &str) -> Self {
        let tls = Trust::from_pem(trusted_pem.as_bytes()).expect("a certificate").into_connector();
        Self { network, tls: Arc::new(OnceLock::from(tls)) }
    }

    /// Asks for a file, unless it still is of the version that is known. Follows redirects, each checked as the first address is.
    ///
    /// # Errors
    /// There is no answer with the file.
    pub async fn get(&self, address: &WebAddress, known: &Version) -> Result<Answer, WebError> {
        let mut address = address.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.request(&address, known).await?;
            match response.status() {
                StatusCode::OK => return download(response),
                StatusCode::NOT_MODIFIED if !known.is_unknown() => return Ok(Answer::Unchanged),
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT => {
                    let location = text(&response, header::LOCATION);
                    let location = location.ok_or(WebError::Status(response.status().as_u16()))?;
                    address = address.join(&location).map_err(WebError::Redirect)?;
                }
                status => return Err(WebError::Status(status.as_u16())),
            }
        }
        Err(WebError::TooManyRedirects)
    }

    async fn request(&self, address: &WebAddress, known: &Version) -> Result<Response<Incoming>, WebError> {
        let tls = self.tls.get_or_init(|| Trust::in_the_web().into_connector());
        let name = ServerName::try_from(address.host().to_owned()).map_err(|_| WebError::UnknownName)?;
        let tcp = self.connect(address).await?;
        let encrypted = within(CONNECT_TIMEOUT, tls.connect(name, tcp)).await?;
        let encrypted = encrypted.map_err(|_| WebError::NotTrusted)?;
        // The type that the clients of AWS have, so that the protocol is in the program once.
        let stream: Box<dyn Stream> = Box::new(encrypted);
        let opened = http1::handshake(TokioIo::new(stream)).await;
        let (mut requests, connection) = opened.map_err(|_| WebError::Broken)?;
        // It ends with the body, or when the body is dropped.
        tokio::spawn(connection);
        let request = request(address, known).map_err(|_| WebError::Redirect(AddressError::Malformed))?;
        let answer = within(ANSWER_TIMEOUT, requests.send_request(request)).await?;
        answer.map_err(|_| WebError::Broken)
    }

    /// Opens a connection to one of the addresses of the server, all of which have to be public.
    async fn connect(&self, address: &WebAddress) -> Result<tokio::net::TcpStream, WebError> {
        let found = within(CONNECT_TIMEOUT, self.network.resolve(address.host())).await?;
        let found = found.ok().filter(|found| !found.is_empty()).ok_or(WebError::UnknownName)?;
        if !found.iter().all(|address| is_public(*address)) {
            return Err(WebError::NotPublic);
        }
        let mut last = WebError::NoConnection;
        for address in found.into_iter().take(MAX_ADDRESSES_TRIED) {
            match within(CONNECT_TIMEOUT, self.network.connect(SocketAddr::new(address, 443))).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(_)) => last = WebError::NoConnection,
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

impl std::fmt::Debug for PublicWeb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublicWeb").finish_non_exhaustive()
    }
}

fn request(address: &WebAddress, known: &Version) -> Result<Request<SdkBody>, http::Error> {
    let mut request = Request::get(address.path())
        .header(header::HOST, address.authority())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "*/*")
        .header(header::ACCEPT_ENCODING, "gzip")
        .header(header::CONNECTION, "close");
    for (name, value) in [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)] {
        // What a server sent and no request may hold is left out.
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            request = request.header(name, value);
        }
    }
    request.body(SdkBody::empty())
}

fn download(response: Response<Incoming>) -> Result<Answer, WebError> {
    let encoding = text(&response, header::CONTENT_ENCODING).unwrap_or_default().to_ascii_lowercase();
    // Whether the bytes are compressed is seen by their beginning: files that end in .gz are sent without this header.
    if !matches!(encoding.as_str(), "" | "identity" | "gzip" | "x-gzip") {
        return Err(WebError::Encoding);
    }
    let version =
        Version { etag: text(&response, header::ETAG), last_modified: text(&response, header::LAST_MODIFIED) };
    let content_type = text(&response, header::CONTENT_TYPE);
    Ok(Answer::Content(Download { body: response.into_body(), version, content_type }))
}

fn text(response: &Response<Incoming>, name: HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?.trim();
    (!value.is_empty() && value.len() <= MAX_HEADER_LEN).then(|| value.to_owned())
}

/// The longest value of a header that is used, in bytes.
const MAX_HEADER_LEN: usize = 2_000;
