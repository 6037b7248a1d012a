//! An SMS gateway that notes what it is asked and gives the same answer to all.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

/// What the gateway was asked.
pub struct Asked {
    /// Like `POST /path HTTP/1.1`.
    pub line: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Answers until the process ends.
pub struct Gateway {
    pub port: u16,
    asked: Receiver<Asked>,
}

impl Gateway {
    /// Answers every request so.
    pub fn new(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::start(
            format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"),
            true,
        )
    }

    /// Says this to whoever connects, without listening.
    pub fn answering(text: &str) -> Self {
        Self::start(text.into(), false)
    }

    fn start(answer: String, listens: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (note, asked) = channel();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(mut connection) = connection else { break };
                if listens && note.send(read(&connection)).is_err() {
                    break;
                }
                let _ = connection.write_all(answer.as_bytes());
            }
        });
        Self { port, asked }
    }

    /// What it was asked next. It was: it notes that before it answers.
    pub fn asked(&self) -> Asked {
        self.asked.try_recv().expect("a request")
    }

    /// Whether it was asked nothing more.
    pub fn is_at_rest(&self) -> bool {
        self.asked.try_recv().is_err()
    }
}

fn read(connection: &TcpStream) -> Asked {
    let mut reader = BufReader::new(connection);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let first = line();
    let mut headers = Vec::new();
    loop {
        let header = line();
        let Some((name, value)) = header.split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let mut asked = Asked { line: first, headers, body: String::new() };
    let length: u64 = asked.header("content-length").parse().unwrap_or(0);
    reader.take(length).read_to_string(&mut asked.body).unwrap();
    asked
}
