//! Something on the way to the server.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::spawn;

/// Passes on what it is sent, until it swallows everything.
pub struct Proxy {
    pub address: String,
    swallows: Arc<AtomicBool>,
}

impl Proxy {
    pub fn to(server: String) -> Self {
        let swallows = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&swallows);
        let address = accept(move |client| {
            let Ok(server) = TcpStream::connect(&server) else { return };
            let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
            for (from, to) in [(client, server), back] {
                let swallows = Arc::clone(&shared);
                spawn(move || pump(from, to, &swallows));
            }
        });
        Self { address, swallows }
    }

    /// From now on every connection, also a new one, stays open and is silent.
    pub fn swallow(&self) {
        self.swallows.store(true, Ordering::SeqCst);
    }

    /// New connections are passed on again; those that were silent stay so.
    pub fn heal(&self) {
        self.swallows.store(false, Ordering::SeqCst);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, swallows: &AtomicBool) {
    let (mut buffer, mut lost) = ([0; 16 * 1024], false);
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        lost |= swallows.load(Ordering::SeqCst);
        if !lost && to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Serves each connection in a thread; its address.
pub fn accept(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serve = Arc::new(serve);
    spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            spawn(move || serve(client));
        }
    });
    address
}

/// Somebody on the way who says for the server that it offers no TLS.
pub fn without_tls(server: String, is_postgres: bool) -> String {
    const SSL: u8 = 0x08;
    accept(move |mut client| {
        if is_postgres {
            // Each request for encryption is 8 bytes, and answered by one.
            let mut request = [0; 8];
            while client.read_exact(&mut request).is_ok() && client.write_all(b"N").is_ok() {}
            return;
        }
        let mut server = TcpStream::connect(&server).unwrap();
        let mut greeting = vec![0; 4];
        server.read_exact(&mut greeting).unwrap();
        greeting.resize(4 + usize::from(greeting[0]), 0);
        server.read_exact(&mut greeting[4..]).unwrap();
        // Protocol, version with its end, thread, first part of the salt, filler; then the capabilities.
        let version = greeting[5..].iter().position(|byte| *byte == 0).unwrap();
        let capabilities = 5 + version + 1 + 4 + 8 + 1;
        assert_ne!(greeting[capabilities + 1] & SSL, 0, "the server itself offers TLS");
        greeting[capabilities + 1] &= !SSL;
        client.write_all(&greeting).unwrap();
        let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
        spawn(move || pump(back.0, back.1, &AtomicBool::new(false)));
        pump(client, server, &AtomicBool::new(false));
    })
}
