//! The load: one thread, connections that stay open, each sending its next request when the one before is answered.
//!
//! It takes its share of the machine from the service, so a turn allocates next to nothing and reads of an answer what it
//! must. Connections are made before the clock starts.

use crate::Failure;
use crate::figure::Sample;
use crate::machine::{self, Cpu};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection, and what goes over it.
pub struct Connection {
    stream: TcpStream,
    /// What [`Self::exchange`] sends.
    pub request: Vec<u8>,
    received: Vec<u8>,
}

/// An answer.
#[derive(Clone, Copy)]
pub struct Reply<'a> {
    pub status: u16,
    pub body: &'a str,
}

impl Reply<'_> {
    /// For the message of a failure.
    pub fn describe(&self) -> String {
        format!("{}: {}", self.status, self.body)
    }

    /// A text member of the answer's JSON, if it has one of that name that needs no unescaping.
    pub fn member(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("\"{name}\":\""))?;
        rest.split_once('"').map(|(value, _)| value)
    }
}

impl Connection {
    /// Connects to the service.
    pub async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: Vec::with_capacity(1024), received: Vec::with_capacity(16 * 1024) })
    }

    /// Sends the request and waits for the whole answer.
    pub async fn exchange(&mut self) -> Result<Reply<'_>, Failure> {
        self.stream.write_all(&self.request).await?;
        self.received.clear();
        let head = loop {
            self.read().await?;
            if let Some(head) = Head::find(&self.received) {
                break head?;
            }
        };
        while self.received.len() < head.size + head.content_length {
            self.read().await?;
        }
        Ok(Reply { status: head.status, body: std::str::from_utf8(&self.received[head.size..])? })
    }

    async fn read(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err("the service closed the connection".into()),
            _ => Ok(()),
        }
    }
}

struct Head {
    size: usize,
    status: u16,
    content_length: usize,
}

impl Head {
    /// The head of an answer, once it is there as a whole.
    fn find(received: &[u8]) -> Option<Result<Self, Failure>> {
        let text = match std::str::from_utf8(received) {
            Ok(text) => text,
            // A character of the body that is not there as a whole yet.
            Err(error) => std::str::from_utf8(&received[..error.valid_up_to()]).unwrap_or_default(),
        };
        let (head, _) = text.split_once("\r\n\r\n")?;
        Some(Self::parse(head))
    }

    fn parse(head: &str) -> Result<Self, Failure> {
        let status = head.get(9..12).ok_or("no status")?.parse()?;
        let length = head.split('\n').find_map(|line| line.strip_prefix("content-length: "));
        let content_length = match length {
            Some(length) => length.trim_end().parse()?,
            None if status == 204 => 0,
            None => return Err("an answer without a length".into()),
        };
        Ok(Self { size: head.len() + 4, status, content_length })
    }
}

/// What came of a turn.
pub enum Turn {
    /// What was asked for was done.
    Done,
    /// It was refused, with this answer.
    Refused(String),
    /// There is nothing left to ask for.
    Dry,
}

/// Something to do again and again.
pub trait Job {
    /// What a connection keeps from one turn to the next.
    type Kept: Default;

    /// One turn: one request, or several that belong together.
    async fn turn(&self, connection: &mut Connection, kept: &mut Self::Kept) -> Result<Turn, Failure>;
}

/// How much of it.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Connections, each with one turn at a time.
    pub concurrency: usize,
    /// Before anything is counted.
    pub warm_up: Duration,
    /// From then on, unless the job runs dry before.
    pub measured: Duration,
}

struct Clock {
    counted_from: Instant,
    ends: Instant,
    sample: Sample,
}

/// Does the job over so many connections. What was under way at the end counts as a latency, not in the rate.
pub async fn drive<J: Job + 'static>(
    service: &crate::sidecar::Sidecar,
    plan: Plan,
    job: Rc<J>,
) -> Result<Sample, Failure> {
    let mut connections = Vec::with_capacity(plan.concurrency);
    for _ in 0..plan.concurrency {
        connections.push(Connection::open(service.address()?).await?);
    }
    let (began, cpu) = (Instant::now(), Cpu::read(service.pid())?);
    let counted_from = began + plan.warm_up;
    let sample = Sample::default();
    let clock = Rc::new(RefCell::new(Clock { counted_from, ends: counted_from + plan.measured, sample }));
    let workers: Vec<_> = connections
        .into_iter()
        .map(|connection| {
            let (clock, job) = (Rc::clone(&clock), Rc::clone(&job));
            tokio::task::spawn_local(async move {
                work(connection, &clock, &*job).await.map_err(|e| e.to_string())
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    let used = machine::Usage::between(&cpu, &Cpu::read(service.pid())?);
    let clock = Rc::into_inner(clock).ok_or("a connection is still at work")?.into_inner();
    let mut sample = clock.sample;
    sample.elapsed = clock.ends.saturating_duration_since(counted_from);
    if sample.done == 0 || sample.elapsed.is_zero() {
        let refusal = sample.refusal.unwrap_or_default();
        return Err(format!("nothing was done in the time that is counted {refusal}").into());
    }
    sample.used = used;
    Ok(sample)
}

async fn work<J: Job>(mut connection: Connection, clock: &RefCell<Clock>, job: &J) -> Result<(), Failure> {
    let mut kept = J::Kept::default();
    loop {
        let sent = Instant::now();
        if sent >= clock.borrow().ends {
            return Ok(());
        }
        let turn = job.turn(&mut connection, &mut kept).await?;
        let (answered, mut clock) = (Instant::now(), clock.borrow_mut());
        let refusal = match turn {
            Turn::Dry => {
                clock.ends = clock.ends.min(answered);
                return Ok(());
            }
            Turn::Done => None,
            Turn::Refused(answer) => Some(answer),
        };
        if answered < clock.counted_from {
            continue;
        }
        let in_time = answered <= clock.ends;
        clock.sample.add(answered - sent, in_time, refusal);
    }
}
