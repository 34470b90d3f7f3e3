//! A server on this machine that behaves as a test wants, and the clock of a client's time-outs.

use aws_sdk_sesv2::config::{AsyncSleep, Sleep};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a client waits for an answer.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// What the server does after it has read a whole request.
#[derive(Clone, Copy)]
pub(crate) enum Behaviour {
    Answer(u16, &'static str, &'static str),
    /// Answers the first request, and closes the connection of any later one.
    AnswerOnce(u16, &'static str, &'static str),
    Close,
    Silence,
}

/// A provider that keeps the requests it has read.
pub(crate) struct Provider {
    pub(crate) url: String,
    pub(crate) pauses: Pauses,
    address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    connections: Mutex<Vec<JoinHandle<()>>>,
}

/// The shortest time-out of a client; pauses before a repetition are shorter.
const MIN_TIMEOUT: Duration = Duration::from_secs(1);

/// The pauses of a client. Its time-outs fire as soon as the provider stays silent, not after a fixed time, in which a
/// busy machine may not even have sent the request; the pause before a retry takes no time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pauses(Arc<watch::Sender<bool>>);

impl AsyncSleep for Pauses {
    fn sleep(&self, duration: Duration) -> Sleep {
        let mut silent = self.0.subscribe();
        Sleep::new(async move {
            if duration >= MIN_TIMEOUT && silent.wait_for(|silent| *silent).await.is_err() {
                // The provider is gone, and so is its answer.
                std::future::pending::<()>().await;
            }
        })
    }
}

impl Provider {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (seen, pauses) = (Arc::new(Seen::default()), Pauses::default());
        let (shared, silent) = (Arc::clone(&seen), pauses.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = tokio::spawn(serve(stream, behaviour, Arc::clone(&shared), silent.clone()));
                shared.connections.lock().expect("no panic").push(serving);
            }
        });
        Self { url: format!("http://{address}"), pauses, address, seen }
    }

    /// Returns all requests once every connection has ended, so the client must be dropped first.
    pub(crate) async fn requests(self) -> Vec<String> {
        // Connections are accepted one after the other: when this one has ended, all before it were accepted.
        let mut last = TcpStream::connect(self.address).await.expect("the server listens");
        last.shutdown().await.expect("open");
        assert_eq!(last.read(&mut [0]).await.expect("the server closes it"), 0);
        let connections = std::mem::take(&mut *self.seen.connections.lock().expect("no panic"));
        for connection in connections {
            connection.await.expect("no panic");
        }
        std::mem::take(&mut *self.seen.requests.lock().expect("no panic"))
    }
}

async fn serve(mut stream: TcpStream, behaviour: Behaviour, seen: Arc<Seen>, pauses: Pauses) {
    while let Some(request) = read_request(&mut stream).await {
        let number = {
            let mut requests = seen.requests.lock().expect("no panic");
            requests.push(request);
            requests.len()
        };
        match behaviour {
            Behaviour::AnswerOnce(..) if number > 1 => return,
            Behaviour::Answer(status, head, body) | Behaviour::AnswerOnce(status, head, body) => {
                let answer = format!("HTTP/1.1 {status} X\r\n{head}content-length: {}\r\n\r\n{body}", body.len());
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
            Behaviour::Close => return,
            Behaviour::Silence => _ = pauses.0.send_replace(true),
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
    }
}
