//! What the bridge's PHP client adds to its calls, over TCP and over a Unix socket.

use crate::Failure;
use crate::figure::percentile;
use crate::phone::KEY;
use crate::setting::Setting;
use crate::sidecar::Sidecar;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// A call, microseconds.
#[derive(Serialize)]
pub struct Call {
    pub transport: &'static str,
    pub call: String,
    pub turns: usize,
    /// The call.
    pub client: Quantiles,
    /// The same request by `curl_exec()` alone.
    pub curl: Quantiles,
    /// The call without the transfer.
    pub added: Quantiles,
}

/// Microseconds.
#[derive(Serialize)]
pub struct Quantiles {
    pub p50: f64,
    pub p99: f64,
}

impl Quantiles {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self { p50: percentile(&times, 50), p99: percentile(&times, 99) }
    }
}

#[derive(Deserialize)]
struct Times {
    client: Vec<f64>,
    curl: Vec<f64>,
    added: Vec<f64>,
}

/// Both transports, one after the other.
pub fn measure(setting: &Setting<'_>) -> Result<Vec<Call>, Failure> {
    let mut calls = run("TCP", setting, &setting.start()?)?;
    let executable = &setting.options.executable;
    calls.extend(run("Unix socket", setting, &Sidecar::start_on_socket(executable, &setting.database)?)?);
    Ok(calls)
}

fn run(transport: &'static str, setting: &Setting<'_>, service: &Sidecar) -> Result<Vec<Call>, Failure> {
    /// Logins, half of them by curl alone; the first ones are not counted.
    const USERS: usize = 4000;
    setting.progress(&format!("PHP client, {transport}"));
    setting.users.admit(USERS, &setting.database)?;
    let users: Vec<String> =
        std::iter::from_fn(|| setting.users.take()).map(|user| user.to_string()).collect();
    let secret = data_encoding::HEXLOWER.encode(KEY);
    let input = json!({"url": service.url(), "key": setting.key, "secret": secret, "users": users});
    let mut php = Command::new("php")
        .args(["-d", "display_errors=stderr", "benches/php-client.php"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("php: {error}; scripts/install-deps.sh installs it"))?;
    php.stdin.take().ok_or("no stdin")?.write_all(input.to_string().as_bytes())?;
    let output = php.wait_with_output()?;
    if !output.status.success() {
        return Err("benches/php-client.php failed".into());
    }
    let times: BTreeMap<String, Times> = serde_json::from_slice(&output.stdout)?;
    let call = |(call, times): (String, Times)| Call {
        transport,
        call,
        turns: times.client.len(),
        client: Quantiles::of(times.client),
        curl: Quantiles::of(times.curl),
        added: Quantiles::of(times.added),
    };
    Ok(times.into_iter().map(call).collect())
}
