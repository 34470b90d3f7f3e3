//! Providers of mails and texts whose lists are empty, for functions that take addresses off them.

use rekindle_platform::{AwsEndpoints, Clients};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// SES's answer to the release of an address that is not on its list, which is also SNS's that a number is not opted out.
const ANSWER: &str = "<CheckIfPhoneNumberIsOptedOutResponse><CheckIfPhoneNumberIsOptedOutResult><isOptedOut>false</isOptedOut>\
    </CheckIfPhoneNumberIsOptedOutResult></CheckIfPhoneNumberIsOptedOutResponse>";

/// Clients of providers on this machine that have no address on their lists.
///
/// # Panics
/// No port is free.
#[must_use]
pub fn without_listed_addresses() -> Clients {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    Clients::local(&AwsEndpoints { dynamodb: url.clone(), services: url })
}

/// Answers one request and closes the connection.
fn answer(mut stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    let mut is_ses = false;
    for line in reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
        is_ses |= line.contains("/v2/email/");
        let header = line.to_ascii_lowercase();
        length = header.strip_prefix("content-length:").and_then(|value| value.trim().parse().ok()).unwrap_or(length);
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
    let body = if is_ses { "{}" } else { ANSWER };
    write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).ok()
}
