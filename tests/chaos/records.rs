//! What the load was answered, written down as it arrives.

use std::collections::HashMap;
use std::time::Duration;

/// What was said to an answer with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Passed,
    Rejected {
        remaining: i64,
    },
    /// Nothing that tells what became of the code: no answer, or that the service is unavailable.
    Unknown,
    /// Another refusal of the contract, for which no code was looked at.
    Refused,
}

/// A login that was begun, and what was answered about it.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: u64,
    /// The step whose code was sent for it; no right code was sent if there is none.
    pub step: Option<i64>,
    pub passed: u32,
    /// The fewest answers that it was said to have left.
    pub remaining: Option<i64>,
}

#[derive(Default)]
pub struct Records {
    /// Answers that arrived.
    pub answers: usize,
    /// Those that said that the service is unavailable.
    pub unavailable: usize,
    /// Calls whose connection was refused or broke.
    pub broken: usize,
    pub slowest: Duration,
    pub logins: HashMap<String, Login>,
    /// How many rejections were answered, by user.
    pub rejected: HashMap<u64, usize>,
    /// Users whose authenticators were removed, as answered.
    pub removed: Vec<u64>,
    /// Users that are locked by what was answered, and since when by the service's clock.
    pub locked: Vec<(u64, i64)>,
    /// The last step that was accepted, by user.
    highest: HashMap<u64, i64>,
    /// Codes accepted although they were spent before, or older than one that was.
    pub twice: Vec<String>,
    /// What breaks the contract otherwise.
    pub wrong: Vec<String>,
}

impl Records {
    pub fn begun(&mut self, id: &str, user: u64) {
        let login = Login { user, step: None, passed: 0, remaining: None };
        self.logins.insert(id.to_owned(), login);
    }

    /// What was said to the code of `step`, or to a wrong one.
    pub fn answered(&mut self, id: &str, step: Option<i64>, said: Said) {
        let login = self.logins.get_mut(id).unwrap();
        let user = login.user;
        login.step = login.step.or(step);
        match (said, step) {
            (Said::Passed, Some(step)) => {
                login.passed += 1;
                let before = self.highest.insert(user, step).filter(|before| *before >= step);
                if let Some(before) = before {
                    self.twice.push(format!("user {user}: step {step} was accepted after {before}"));
                }
            }
            (Said::Passed, None) => self.wrong.push(format!("user {user}: a wrong code passed")),
            (Said::Rejected { remaining }, _) => {
                login.remaining = Some(login.remaining.map_or(remaining, |before| before.min(remaining)));
                *self.rejected.entry(user).or_default() += 1;
            }
            (Said::Unknown | Said::Refused, _) => {}
        }
    }

    /// What was accepted by answers that arrived: user and step.
    pub fn accepted(&self) -> Vec<(u64, i64)> {
        let passed = self.logins.values().filter(|login| login.passed > 0);
        passed.filter_map(|login| Some((login.user, login.step?))).collect()
    }
}
