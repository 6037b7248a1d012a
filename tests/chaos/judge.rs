//! Compares what was answered with what the service knows afterwards, round after round, and prints what came of it.

use crate::caller::Caller;
use crate::load::Load;
use crate::records::{Login, Records};
use crate::site::Site;
use reqwest::Method;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Logins read at once.
const AT_ONCE: usize = 16;

/// How many accepted codes are sent once more after each round.
const REPLAYS: usize = 30;

/// Users whose own story is looked up in the audit log.
const SEARCHED: usize = 50;

pub struct Judge {
    fault: &'static str,
    database: &'static str,
    rounds: usize,
    answers: usize,
    passed: usize,
    unavailable: usize,
    broken: usize,
    slowest: Duration,
    back: Vec<Duration>,
    /// How often the code of a user and step passed a login, over all rounds.
    spent: HashMap<(u64, i64), u32>,
    /// Passed logins and answered rejections by user, which the audit log must have.
    logged: HashMap<u64, (usize, usize)>,
    lost: Vec<String>,
    twice: Vec<String>,
    wrong: Vec<String>,
}

impl Judge {
    pub fn new(fault: &'static str, database: &'static str) -> Self {
        Self {
            fault,
            database,
            rounds: 0,
            answers: 0,
            passed: 0,
            unavailable: 0,
            broken: 0,
            slowest: Duration::ZERO,
            back: Vec::new(),
            spent: HashMap::new(),
            logged: HashMap::new(),
            lost: Vec::new(),
            twice: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// A round of the fault that `breaks`: load before, while and after; then everything is looked at. What `breaks`
    /// gives is when the fault ended, from which the service has until `limit` to be back.
    pub fn round(
        &mut self,
        site: &mut Site,
        limit: Duration,
        breaks: impl FnOnce(&mut Site, &Load) -> Instant,
    ) {
        let load = Load::start(&site.caller);
        load.goes_on(100);
        let ended = breaks(site, &load);
        self.back.push(site.back_after(ended, limit));
        load.goes_on(50);
        self.look_at(site, load.stop());
    }

    /// Looks at what the load and the harness's own logins were answered.
    pub fn look_at(&mut self, site: &Site, load: Records) {
        site.wait(replay(&site.caller, load.accepted()));
        let own = std::mem::take(&mut *site.caller.records.lock().unwrap());
        site.wait(self.compare(&site.caller, load));
        site.wait(self.compare(&site.caller, own));
        site.wait(self.check_audit(&site.caller));
        self.rounds += 1;
    }

    async fn compare(&mut self, caller: &Caller, records: Records) {
        let ids: Vec<_> = records.logins.keys().cloned().collect();
        let now = read_all(caller, ids).await;
        for (id, login) in &records.logins {
            let Some(read) = now.get(id) else {
                if caller.clock.has_jumped() {
                    self.believe(login);
                    continue;
                }
                self.lost.push(format!("a login of user {} is gone", login.user));
                continue;
            };
            let passed = read["status"] == "passed";
            match (login.passed, passed) {
                (0, _) | (1, true) => {}
                (1, false) => {
                    self.lost.push(format!("user {}: answered passed, is {}", login.user, read["status"]))
                }
                (n, _) => self.twice.push(format!("user {}: one login was passed {n} times", login.user)),
            }
            let logged = self.logged.entry(login.user).or_default();
            if passed {
                logged.0 += 1;
                self.passed += 1;
                match login.step {
                    Some(step) => *self.spent.entry((login.user, step)).or_default() += 1,
                    None => self.wrong.push(format!("user {}: passed without a right code", login.user)),
                }
            } else if let Some(said) = login.remaining
                && read["attempts_remaining"].as_i64().unwrap() > said
            {
                self.lost.push(format!(
                    "user {}: of {said} answers left {}",
                    login.user, read["attempts_remaining"]
                ));
            }
        }
        for (user, count) in &records.rejected {
            self.logged.entry(*user).or_default().1 += count;
        }
        self.check_users(caller, &records).await;
        self.answers += records.answers;
        self.unavailable += records.unavailable;
        self.broken += records.broken;
        self.slowest = self.slowest.max(records.slowest);
        self.twice.extend(records.twice);
        self.wrong.extend(records.wrong);
    }

    /// Takes what was answered for what is, where the clock was moved; the audit log still has to agree.
    fn believe(&mut self, login: &Login) {
        if let (1, Some(step)) = (login.passed, login.step) {
            self.passed += 1;
            self.logged.entry(login.user).or_default().0 += 1;
            *self.spent.entry((login.user, step)).or_default() += 1;
        }
    }

    /// Locks and removals that were answered still hold.
    async fn check_users(&mut self, caller: &Caller, records: &Records) {
        let state = async |user: u64| {
            let answer = caller.call(0, Method::GET, &format!("/v1/users/{user}"), None).await;
            answer.expect("the service is back").status(200)
        };
        // The first lock lasts for 30 s.
        for (user, since) in &records.locked {
            if state(*user).await["locked_until"].is_null()
                && (*since..since + 28).contains(&caller.clock.now())
            {
                self.lost.push(format!("the lock of user {user}"));
            }
        }
        for user in &records.removed {
            if state(*user).await["enrolled"] != false {
                self.lost.push(format!("the removal of user {user}'s authenticator"));
            }
        }
    }

    /// The audit log has each passed login exactly once, and every rejection that was answered.
    async fn check_audit(&mut self, caller: &Caller) {
        let mut found: HashMap<u64, (usize, usize)> = HashMap::new();
        for user in about(caller, "action=login.passed").await {
            found.entry(user).or_default().0 += 1;
        }
        for user in about(caller, "action=code.rejected").await {
            found.entry(user).or_default().1 += 1;
        }
        for (user, (passed, rejected)) in &self.logged {
            let (rows, rejections) = found.get(user).copied().unwrap_or_default();
            if rows != *passed {
                self.lost.push(format!("user {user}: {passed} logins passed, {rows} are in the audit log"));
            }
            if rejections < *rejected {
                self.lost.push(format!("user {user}: {rejected} rejections, {rejections} in the audit log"));
            }
        }
        for (user, (passed, _)) in self.logged.iter().take(SEARCHED) {
            let told = about(caller, &format!("action=login.passed&user={user}")).await.len();
            if told != *passed {
                self.lost
                    .push(format!("user {user}: {passed} logins passed, {told} in the user's own story"));
            }
        }
    }

    /// Prints what came of it, leaves it in a file, and fails if anything was lost, accepted twice or wrong.
    pub fn report(mut self) {
        let often = self.spent.iter().filter(|(_, count)| **count > 1);
        self.twice
            .extend(often.map(|((user, step), count)| format!("user {user}, step {step}: {count} times")));
        self.back.sort();
        let ms = |d: Duration| d.as_millis();
        let back = match self.back.as_slice() {
            [] => String::new(),
            all => format!(
                ", back in {} ms (median), {} ms at most",
                ms(all[all.len() / 2]),
                ms(all[all.len() - 1])
            ),
        };
        let line = format!(
            "{} ({}): {} rounds, {} answers ({} unavailable, {} calls broken, slowest {} ms), {} passed, {} lost, \
             {} twice, {} wrong{back}",
            self.fault,
            self.database,
            self.rounds,
            self.answers,
            self.unavailable,
            self.broken,
            ms(self.slowest),
            self.passed,
            self.lost.len(),
            self.twice.len(),
            self.wrong.len(),
        );
        println!("{line}");
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chaos");
        std::fs::create_dir_all(&directory).unwrap();
        let file = format!("{}, {}", self.fault, self.database).replace(['/', ' '], "-");
        std::fs::write(directory.join(file), line + "\n").unwrap();
        let broken: Vec<_> = [self.lost, self.twice, self.wrong].concat();
        assert!(
            broken.is_empty(),
            "{} breaches:\n{}",
            broken.len(),
            broken[..broken.len().min(20)].join("\n")
        );
        assert!(self.passed > 0, "a load that nobody passed shows nothing");
    }

    /// Notes that calls were to take no longer.
    pub fn within(&mut self, limit: Duration) {
        if self.slowest > limit {
            self.wrong.push(format!("an answer took {:?}, more than {limit:?}", self.slowest));
        }
    }
}

/// Sends codes that were accepted once more, while they are in the window: none may pass another login.
async fn replay(caller: &Caller, mut accepted: Vec<(u64, i64)>) {
    accepted.retain(|(_, step)| *step >= caller.clock.step() - 1);
    for (user, step) in accepted.into_iter().take(REPLAYS) {
        if let Some(login) = caller.begin(0, user).await {
            caller.answer(0, &login, step).await;
        }
    }
}

/// What the service says of these logins now; one that it does not know is missing.
async fn read_all(caller: &Caller, ids: Vec<String>) -> HashMap<String, Value> {
    let mut reads = tokio::task::JoinSet::new();
    let shares = ids.chunks(ids.len().div_ceil(AT_ONCE).max(1)).map(<[String]>::to_vec).collect::<Vec<_>>();
    for share in shares {
        let caller = caller.clone();
        reads.spawn(async move {
            let mut found = Vec::new();
            for id in share {
                let answer = caller.call(0, Method::GET, &format!("/v1/logins/{id}"), None).await;
                let answer = answer.expect("the service is back");
                if answer.code() != "login-not-found" {
                    found.push((id, answer.status(200)));
                }
            }
            found
        });
    }
    reads.join_all().await.into_iter().flatten().collect()
}

/// The users of all audit events of this query, as often as they are in them.
async fn about(caller: &Caller, query: &str) -> Vec<u64> {
    let mut users = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/audit-events?{query}&limit=200{cursor}");
        let page = caller.call(0, Method::GET, &path, None).await.expect("the service is back").status(200);
        users.extend(
            page["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["user"].as_str().unwrap().parse::<u64>().unwrap()),
        );
        let Some(next) = page["next_cursor"].as_str() else { return users };
        cursor = format!("&cursor={next}");
    }
}
