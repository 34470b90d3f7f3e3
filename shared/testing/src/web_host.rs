//! A server of the public web, for what is fetched from there.
//!
//! Only the network is replaced: what a name leads to, and that a connection to a public address arrives at this machine. TLS, its
//! certificates, the check of addresses and all of HTTP are real.

use futures::future::BoxFuture;
use rekindle_platform::public_web::{Network, PublicWeb};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::net::TcpStream;

/// An answer of the server.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, beside the length.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// After how many bytes of the body the connection breaks.
    pub cut_after: Option<usize>,
}

impl Reply {
    /// A file.
    #[must_use]
    pub fn file(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: body.into(), ..Self::default() }
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self { status: 302, ..Self::default() }.with("location", to)
    }

    /// Another status, with nothing else.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With a tag of its version: who names it gets 304.
    #[must_use]
    pub fn with_etag(self, etag: &str) -> Self {
        self.with("etag", etag)
    }

    /// Breaks off after this many bytes of the body.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut_after = Some(bytes);
        self
    }
}

/// What is to be had from the server, and what it saw.
#[derive(Default)]
struct Seen {
    /// By host and path.
    replies: HashMap<String, Reply>,
    names: HashMap<String, Vec<IpAddr>>,
    resolved: Vec<String>,
    dialled: Vec<SocketAddr>,
    requests: Vec<String>,
    breaks_next_caller: bool,
}

/// The server, and the network that leads to it.
#[derive(Clone)]
pub struct WebHost {
    seen: Arc<Mutex<Seen>>,
    port: u16,
    pem: String,
}

impl WebHost {
    /// A public address that names of a test may have.
    pub const PUBLIC: &'static str = "93.184.215.14";

    /// A server with a certificate for these names, each of which leads to [`WebHost::PUBLIC`].
    ///
    /// # Panics
    /// There is no free port.
    #[must_use]
    pub fn start(names: &[&str]) -> Self {
        let certified =
            rcgen::generate_simple_self_signed(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let certified = certified.expect("a certificate");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let host = Self { seen: Arc::default(), port, pem: certified.cert.pem() };
        for name in names {
            host.name(name, &[Self::PUBLIC]);
        }
        let config = server_config(&certified);
        let seen = Arc::clone(&host.seen);
        thread::spawn(move || {
            while let Ok((tcp, _)) = listener.accept() {
                let (config, seen) = (Arc::clone(&config), Arc::clone(&seen));
                // A client that goes away is no failure of the server.
                thread::spawn(move || serve(config, tcp, &seen));
            }
        });
        host
    }

    /// Lets a name lead to these addresses from now on.
    ///
    /// # Panics
    /// One is no address.
    pub fn name(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        self.seen().names.insert(name.to_owned(), addresses);
    }

    /// Answers requests for a path of a host like this from now on.
    pub fn reply(&self, host: &str, path: &str, reply: Reply) {
        self.seen().replies.insert(format!("{host}{path}"), reply);
    }

    /// Stops the next caller where it asks for a name, by a panic.
    pub fn break_next_caller(&self) {
        self.seen().breaks_next_caller = true;
    }

    /// The client that reaches it.
    #[must_use]
    pub fn web(&self) -> PublicWeb {
        PublicWeb::over(Arc::new(self.clone()), &self.pem)
    }

    /// The heads of the requests that came since the last call.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.seen().requests)
    }

    /// The addresses that connections were opened to since the last call.
    #[must_use]
    pub fn dialled(&self) -> Vec<SocketAddr> {
        std::mem::take(&mut self.seen().dialled)
    }

    /// The names that were resolved since the last call.
    #[must_use]
    pub fn resolved(&self) -> Vec<String> {
        std::mem::take(&mut self.seen().resolved)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().expect("no panic")
    }
}

impl std::fmt::Debug for WebHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebHost").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Network for WebHost {
    fn resolve<'n>(&'n self, host: &'n str) -> BoxFuture<'n, io::Result<Vec<IpAddr>>> {
        let mut seen = self.seen();
        if std::mem::take(&mut seen.breaks_next_caller) {
            drop(seen);
            panic!("the caller stops here");
        }
        seen.resolved.push(host.to_owned());
        let found = seen.names.get(host).cloned().or_else(|| host.parse().ok().map(|address| vec![address]));
        Box::pin(async move { found.ok_or_else(|| io::ErrorKind::NotFound.into()) })
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        self.seen().dialled.push(to);
        Box::pin(TcpStream::connect(("127.0.0.1", self.port)))
    }
}

fn server_config(certified: &rcgen::CertifiedKey<rcgen::KeyPair>) -> Arc<rustls::ServerConfig> {
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_no_client_auth();
    Arc::new(config.with_single_cert(vec![certified.cert.der().clone()], key).expect("a certificate"))
}

fn serve(config: Arc<rustls::ServerConfig>, tcp: std::net::TcpStream, seen: &Mutex<Seen>) -> Option<()> {
    let mut stream = rustls::StreamOwned::new(rustls::ServerConnection::new(config).ok()?, tcp);
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let header = |name: &str| {
        head.lines().filter_map(|line| line.split_once(": ")).find(|(key, _)| key.eq_ignore_ascii_case(name))
    };
    let path = head.split(' ').nth(1).unwrap_or_default();
    let key = format!("{}{path}", header("host").map(|(_, host)| host).unwrap_or_default());
    let reply = {
        let mut seen = seen.lock().ok()?;
        seen.requests.push(head.clone());
        seen.replies.get(&key).cloned().unwrap_or_else(|| Reply::status(404))
    };
    let etag = reply.headers.iter().find(|(name, _)| *name == "etag").map(|(_, etag)| etag.as_str());
    let is_known = etag.is_some() && header("if-none-match").map(|(_, known)| known) == etag;
    let (status, body) = if is_known { (304, Vec::new()) } else { (reply.status, reply.body) };
    write!(stream, "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n", body.len()).ok()?;
    for (name, value) in &reply.headers {
        write!(stream, "{name}: {value}\r\n").ok()?;
    }
    write!(stream, "connection: close\r\n\r\n").ok()?;
    stream.write_all(&body[..reply.cut_after.unwrap_or(body.len()).min(body.len())]).ok()?;
    if reply.cut_after.is_none() {
        stream.conn.send_close_notify();
    }
    stream.flush().ok()
}
