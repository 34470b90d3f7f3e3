//! A server on this machine that behaves as told.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does after it has read a whole request.
#[derive(Clone, Copy)]
pub(crate) enum Behaviour {
    Answer(u16, &'static str, &'static str),
    Close,
    Silence,
}

/// A provider that counts and keeps the requests it has read.
pub(crate) struct Provider {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, behaviour, Arc::clone(&seen)));
            }
        });
        Self { url, requests }
    }

    /// Waits until a repetition would have come, then gives the requests.
    pub(crate) async fn requests(&self) -> Vec<String> {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        self.requests.lock().expect("the server did not panic").clone()
    }
}

async fn serve(mut stream: TcpStream, behaviour: Behaviour, seen: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = read_request(&mut stream).await {
        seen.lock().expect("the server did not panic").push(request);
        match behaviour {
            Behaviour::Answer(status, head, body) => {
                let answer = format!("HTTP/1.1 {status} X\r\n{head}content-length: {}\r\n\r\n{body}", body.len());
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
            Behaviour::Close => return,
            Behaviour::Silence => tokio::time::sleep(Duration::from_secs(60)).await,
        }
    }
}

pub(crate) async fn read_request(stream: &mut TcpStream) -> Option<String> {
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
