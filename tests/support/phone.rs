//! A person's phone, played by `oathtool`: RFC 6238 by someone else, so that a mistake of ours is not repeated here.

use std::process::Command;

/// An authenticator app that holds one secret.
#[derive(Debug, Clone)]
pub struct Phone {
    secret: String,
}

impl Phone {
    /// Scans what an enrolment shows.
    pub fn with(secret: &str) -> Self {
        assert_eq!(secret.len(), 32, "160 bits are 32 letters of base32");
        Self { secret: secret.to_owned() }
    }

    /// Holds the secret of another system, of whatever length.
    #[allow(dead_code, reason = "only some of the test binaries import")]
    pub fn of_another_system(secret: &str) -> Self {
        Self { secret: secret.to_owned() }
    }

    /// The code that the app shows at this Unix time.
    pub fn code_at(&self, seconds: i64) -> String {
        self.codes(seconds, 1).remove(0)
    }

    /// Six digits that are the code of no step near this Unix time.
    pub fn wrong_code_at(&self, seconds: i64) -> String {
        let near = self.codes(seconds - 90, 7);
        let candidates = (0..).map(|n: u32| format!("{:06}", 271_828 + n));
        candidates.into_iter().find(|code| !near.contains(code)).unwrap()
    }

    fn codes(&self, seconds: i64, count: usize) -> Vec<String> {
        let at = jiff::Timestamp::from_second(seconds).unwrap().strftime("%Y-%m-%d %H:%M:%S UTC");
        let output = Command::new("oathtool")
            .args(["--totp", "--base32", &self.secret, "--now", &at.to_string()])
            .args(["--window", &(count - 1).to_string()])
            .output()
            .expect("oathtool is installed (apt-get install oathtool)");
        assert!(output.status.success(), "oathtool: {}", String::from_utf8_lossy(&output.stderr));
        let codes: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(codes.len(), count);
        codes
    }
}
