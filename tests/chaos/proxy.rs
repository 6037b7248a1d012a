//! The network between the service and its database: a proxy that can be cut.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// All is passed on.
    Whole,
    /// Connections are reset, and new ones refused.
    Refuses,
    /// Connections are reset as soon as something is said.
    Resets,
    /// Nothing is passed on and nothing is closed: half-open connections. New ones are taken and left so.
    Swallows,
    /// Whatever is said arrives so much later.
    Delays(Duration),
}

pub struct Proxy {
    pub port: u16,
    network: watch::Sender<Network>,
}

impl Proxy {
    /// In front of a port of this machine; passes on until it is dropped.
    pub fn to(port: u16) -> Self {
        let own = crate::installation::free_port();
        let (network, watched) = watch::channel(Network::Whole);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(listen(own, port, watched));
        });
        Self { port: own, network }
    }

    pub fn becomes(&self, network: Network) {
        self.network.send_replace(network);
    }
}

async fn listen(own: u16, to: u16, mut network: watch::Receiver<Network>) {
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    loop {
        if network.wait_for(|now| *now != Network::Refuses).await.is_err() {
            return;
        }
        let listener = TcpListener::bind(address(own)).await.unwrap();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    tokio::spawn(pass_on(accepted.unwrap().0, address(to), network.clone()));
                }
                changed = network.changed() => match changed {
                    Ok(()) if *network.borrow_and_update() == Network::Refuses => break,
                    Ok(()) => {}
                    Err(_) => return,
                },
            }
        }
    }
}

/// What one direction of a connection has come to.
enum Ended {
    Closed,
    /// The network has lost something of it: nothing more arrives, and nobody is told.
    HalfOpen,
    MustReset,
}

async fn pass_on(client: TcpStream, to: SocketAddr, mut network: watch::Receiver<Network>) {
    let _ = client.set_nodelay(true);
    let half_open = *network.borrow() == Network::Swallows;
    let server = if half_open { None } else { TcpStream::connect(to).await.ok() };
    let (ended, client) = if let Some(server) = server {
        let _ = server.set_nodelay(true);
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let mut there = (from_client, to_server);
        let mut back = (from_server, to_client);
        let ended = tokio::select! {
            ended = copy(&mut there.0, &mut there.1, network.clone()) => ended,
            ended = copy(&mut back.0, &mut back.1, network.clone()) => ended,
        };
        (ended, there.0.reunite(back.1).unwrap())
    } else {
        (if half_open { Ended::HalfOpen } else { Ended::Closed }, client)
    };
    match ended {
        Ended::Closed => {}
        Ended::MustReset => reset(&client),
        Ended::HalfOpen => {
            // As long as the other side cares to wait, or the harness runs.
            while network.changed().await.is_ok() && *network.borrow() != Network::Refuses {}
            reset(&client);
        }
    }
}

#[allow(deprecated, reason = "only a wait at the end of a connection blocks, and there is none")]
fn reset(stream: &TcpStream) {
    let _ = stream.set_linger(Some(Duration::ZERO));
}

async fn copy(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    mut network: watch::Receiver<Network>,
) -> Ended {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            refused = network.wait_for(|now| *now == Network::Refuses) => {
                return if refused.is_ok() { Ended::MustReset } else { Ended::Closed };
            }
        };
        let length = match read {
            Ok(0) | Err(_) => return Ended::Closed,
            Ok(length) => length,
        };
        let now = *network.borrow();
        match now {
            Network::Whole => {}
            Network::Refuses | Network::Resets => return Ended::MustReset,
            Network::Swallows => return Ended::HalfOpen,
            Network::Delays(by) => tokio::time::sleep(by).await,
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return Ended::Closed;
        }
    }
}
