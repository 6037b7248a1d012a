//! No secret leaves by a side door: not by the log at its most talkative, not by errors, not by the database's files,
//! not by what administrators and operators can read. Abuse list, item 43.

use crate::answer::Answer;
use crate::gateway::Gateway;
use crate::installation::{Installation, Sidecar, now};
use crate::sink::Sink;
use reqwest::Method;
use serde_json::{Value, json};

/// What must be found nowhere.
#[derive(Default)]
struct Secrets {
    /// Looked for as any part of a text.
    texts: Vec<String>,
    /// Six digits: looked for as a word of their own, since any longer number may hold them.
    codes: Vec<String>,
    /// Looked for in files.
    bytes: Vec<Vec<u8>>,
    /// What every call but the ones that show secrets answered.
    heard: Vec<String>,
}

impl Secrets {
    fn text(&mut self, text: &str) {
        assert!(text.len() >= 10, "too short to be looked for: {text}");
        self.texts.push(text.to_owned());
        self.bytes.push(text.as_bytes().to_owned());
    }

    fn hear(&mut self, answer: Answer) -> Answer {
        self.heard.push(format!("{:?}\n{}", answer.headers, answer.text));
        answer
    }

    fn check_text(&self, place: &str, text: &str) {
        let lower = text.to_lowercase();
        for secret in &self.texts {
            let at = lower.find(&secret.to_lowercase());
            assert!(at.is_none(), "{place} tells {secret}: {}", around(text, at.unwrap_or(0)));
        }
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let told = words.find(|word| self.codes.iter().any(|code| code == word));
        assert_eq!(told, None, "{place} tells a code");
    }

    fn check_bytes(&self, place: &str, bytes: &[u8]) {
        for secret in &self.bytes {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_slice());
            assert!(!found, "{place} holds {}", String::from_utf8_lossy(secret));
        }
    }
}

fn around(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    text[start..].chars().take(400).collect()
}

/// Tells the stories, with mistakes of every kind in between, and notes every secret on the way.
async fn tell_stories(sidecar: &Sidecar, secrets: &mut Secrets, sink: &mut Sink, gateway: &Gateway) {
    secrets.text(&sidecar.bridge);
    secrets.text(&sidecar.admin);
    let login = sidecar.begin("alice").await;
    secrets.text(login["id"].as_str().unwrap());
    let begun = sidecar.of(&login, "enrollment", json!({"method": "totp"})).await.status(200);
    let secret = begun["secret"].as_str().unwrap();
    secrets.text(secret);
    secrets.text("otpauth://");
    secrets.bytes.push(data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap());
    let phone = crate::phone::Phone::with(secret);
    let (code, next, wrong) = (phone.code_at(now()), phone.code_at(now() + 30), phone.wrong_code_at(now()));
    secrets.codes.extend([code.clone(), next.clone(), wrong.clone()]);

    secrets
        .hear(sidecar.of(&login, "enrollment/confirm", json!({"code": wrong})).await)
        .problem("code-rejected");
    let passed = sidecar.of(&login, "enrollment/confirm", json!({"code": code})).await.status(200);
    let codes: Vec<_> =
        passed["recovery_codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    for code in &codes {
        secrets.text(code);
        secrets.text(&code.replace('-', ""));
    }
    let login = sidecar.begin("alice").await;
    secrets.text(login["id"].as_str().unwrap());
    for rejected in [&code, &wrong, codes[0], secret, &sidecar.admin] {
        secrets.hear(sidecar.answer(&login, rejected).await).problem("code-rejected");
    }
    secrets.hear(sidecar.answer(&login, &next).await).problem("login-not-pending");
    let login = sidecar.begin("alice").await;
    secrets.text(login["id"].as_str().unwrap());
    secrets.hear(sidecar.answer(&login, &next).await).problem("throttled");
    let unlock = sidecar.call(Method::POST, "/v1/users/alice/unlock", &sidecar.admin);
    secrets.hear(Answer::to(unlock).await).status(204);
    secrets.hear(sidecar.recover(&login, &wrong).await).problem("code-rejected");
    sidecar.recover(&login, codes[0]).await.status(200);
    let login = sidecar.begin("alice").await;
    secrets.text(login["id"].as_str().unwrap());
    secrets.hear(sidecar.recover(&login, codes[0]).await).problem("code-rejected");
    sidecar.answer(&login, &next).await.status(200);

    // Secrets in the wrong place: members, names, types, paths, queries, headers.
    for body in [
        json!({"code": next, secret: secret}),
        json!({"code": [next]}),
        json!({codes[1]: 1}),
        json!(secret),
        json!({"code": next, "trust_device": sidecar.admin, "method": "totp"}),
        json!({"method": secret, "code": next}),
    ] {
        secrets.hear(sidecar.of(&login, "answer", body).await).problem("invalid-request");
    }
    secrets.hear(sidecar.get(&format!("/v1/{secret}")).await).problem("not-found");
    secrets.hear(sidecar.get(&format!("/v1/users?{secret}={}", codes[1])).await).problem("invalid-request");
    secrets.hear(sidecar.get(&format!("/v1/audit-events?cursor={secret}")).await).problem("invalid-request");
    secrets.hear(sidecar.get(&format!("/v1/users/{secret}%00")).await).problem("invalid-request");
    secrets.hear(sidecar.get(&format!("/v1/users/{secret}")).await).problem("user-not-found");
    let path = format!("/v1/logins/{}", login["id"].as_str().unwrap());
    secrets
        .hear(Answer::to(sidecar.call(Method::PUT, &path, &sidecar.bridge)).await)
        .problem("method-not-allowed");
    secrets.hear(Answer::to(sidecar.call(Method::GET, &path, secret)).await).problem("unauthenticated");
    secrets.hear(Answer::to(sidecar.call(Method::GET, &path, &sidecar.admin)).await).problem("forbidden");

    tell_of_what_is_sent(sidecar, secrets, sink).await;
    tell_of_an_open_session(sidecar, secrets, gateway).await;
    for path in [
        "/v1/users/alice",
        "/v1/users/carol",
        "/v1/users",
        "/v1/audit-events?limit=200",
        "/v1/policy",
        "/metrics",
        "/readyz",
    ] {
        secrets.hear(sidecar.get(path).await).status(200);
    }
}

/// A code by mail, a pass, and a token that is none.
async fn tell_of_what_is_sent(sidecar: &Sidecar, secrets: &mut Secrets, sink: &mut Sink) {
    let user = json!({"user": {"id": "bob", "name": "bob"}});
    let login = sidecar.post("/v1/logins", user.clone()).await.status(201);
    secrets.text(login["id"].as_str().unwrap());
    let address = "bob.the.secret@example.org";
    secrets.text(address);
    let begin = json!({"method": "email", "destination": address});
    secrets.hear(sidecar.of(&login, "enrollment", begin.clone()).await).status(200);
    secrets.hear(sidecar.of(&login, "enrollment", begin).await).problem("throttled");
    let code = sink.received()["text"].as_str().unwrap().lines().next().unwrap().to_owned();
    secrets.codes.push(code.clone());
    let wrong = json!({"method": "email", "destination": format!("{code} {address}")});
    secrets.hear(sidecar.of(&login, "enrollment", wrong).await).problem("invalid-request");
    sidecar.of(&login, "enrollment/confirm", json!({"code": code})).await.status(200);
    secrets
        .hear(sidecar.of(&login, "enrollment/confirm", json!({"code": code})).await)
        .problem("login-not-pending");

    let issue = sidecar.call(Method::POST, "/v1/users/alice/one-time-pass", &sidecar.admin).json(&json!({}));
    let pass = Answer::to(issue).await.status(201)["code"].as_str().unwrap().to_owned();
    secrets.text(&pass);
    secrets.text(&pass.replace('-', ""));
    let login = sidecar.post("/v1/logins", user).await.status(201);
    secrets.hear(sidecar.of(&login, "answer", json!({"method": "one_time_pass", "code": pass})).await);
    let token = "bGV0IG1lIGluLCBwbGVhc2UsIGl0J3Mg.bm90aGluZyB0byBzZWUgaGVyZSwgbW92";
    secrets.text(token);
    let forged = json!({"user": {"id": "alice", "name": "alice"}, "trusted_device": token});
    secrets.hear(sidecar.post("/v1/logins", forged).await).status(201);
}

/// A browser that is trusted, with the tokens that follow; replaced recovery codes; a phone, in every spelling.
async fn tell_of_an_open_session(sidecar: &Sidecar, secrets: &mut Secrets, gateway: &Gateway) {
    let policy = sidecar.call(Method::PATCH, "/v1/policy", &sidecar.admin);
    Answer::to(policy.json(&json!({"trusted_device_days": 30}))).await.status(200);
    let (phone, enrolled, spent) = sidecar.enrolled("carol").await;
    let code = phone.code_at(now() + 30);
    secrets.codes.extend([spent, code.clone()]);
    let recovery_codes =
        |answer: &Value| -> Vec<String> { serde_json::from_value(answer["recovery_codes"].clone()).unwrap() };
    let mut sets = vec![recovery_codes(&enrolled)];
    let login = sidecar.begin("carol").await;
    let body = json!({"method": "totp", "code": code, "trust_device": true});
    let passed = sidecar.of(&login, "answer", body).await.status(200);
    let proof = login["id"].as_str().unwrap();
    secrets.text(enrolled["id"].as_str().unwrap());
    secrets.text(proof);

    let mut tokens = vec![passed["trusted_device"]["token"].as_str().unwrap().to_owned()];
    let begin = |token: &str| {
        sidecar.post("/v1/logins", json!({"user": {"id": "carol", "name": "carol"}, "trusted_device": token}))
    };
    for n in 0..2 {
        let trusted = begin(&tokens[n]).await.status(201);
        assert_eq!(trusted["reason"], "trusted_device");
        tokens.push(trusted["trusted_device"]["token"].as_str().unwrap().to_owned());
    }
    // The oldest once more, which gives the family away.
    assert_eq!(begin(&tokens[0]).await.status(201)["status"], "challenge_required");
    for token in &tokens {
        token.split('.').for_each(|part| secrets.text(part));
    }

    let own = |call: &str, body: Value| {
        let path = format!("/v1/users/carol/{call}");
        let call = sidecar.call(Method::POST, &path, &sidecar.bridge).header("Mfa-Step-Up", proof);
        Answer::to(call.json(&body))
    };
    let replace = sidecar.call(Method::POST, "/v1/users/carol/recovery-codes", &sidecar.bridge);
    let replaced = Answer::to(replace.header("Mfa-Step-Up", proof)).await.status(200);
    sets.push(recovery_codes(&replaced));
    for code in sets.iter().flatten() {
        secrets.text(code);
        secrets.text(&code.replace('-', ""));
    }
    let login = sidecar.begin("carol").await;
    secrets.text(login["id"].as_str().unwrap());
    secrets.hear(sidecar.recover(&login, &sets[0][0]).await).problem("code-rejected");
    sidecar.recover(&login, &sets[1][0]).await.status(200);

    // As far as all the spellings have it in common.
    secrets.text("15198765432");
    secrets.text("151 98765432");
    secrets.text("151-987-65432");
    let number = json!({"method": "sms", "destination": "0151-987-65432", "country": "DE"});
    let begun = own("enrollments", number.clone()).await.status(201);
    assert_eq!(begun["destination"], "+49 •••• 32");
    secrets.text(begun["id"].as_str().unwrap());
    secrets.hear(own("enrollments", number).await).problem("throttled");
    for wrong in ["+49 151 98765432 9999", "+15198765432x", "151 98765432"] {
        let body = json!({"method": "sms", "destination": wrong});
        secrets.hear(own("enrollments", body).await).problem("invalid-request");
    }
    let asked = gateway.asked();
    assert!(asked.body.contains("+4915198765432"), "{}", asked.body);
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    let code = asked.body.split(|c: char| !c.is_alphanumeric()).find(is_code).unwrap().to_owned();
    secrets.codes.push(code.clone());
    let confirm = format!("enrollments/{}/confirm", begun["id"].as_str().unwrap());
    secrets.hear(own(&confirm, json!({"code": format!("{code}0")})).await).problem("code-rejected");
    secrets.hear(own(&confirm, json!({"code": code})).await).status(200);
}

/// An SMS gateway and a mail server in one configuration file.
fn configuration(installation: &Installation, sink: &Sink, gateway: &Gateway) -> String {
    let config = installation.with_mail_server(sink.port);
    let sms = format!(
        "sms_profile = \"json\"\nsms_url = \"http://127.0.0.1:{}/{GATEWAY_SECRET}\"\n\
         sms_from = \"Example\"\nsms_secret = \"{GATEWAY_SECRET}\"\n",
        gateway.port
    );
    std::fs::write(&config, std::fs::read_to_string(&config).unwrap() + &sms).unwrap();
    config
}

/// What the gateway knows the service by; some gateways want it in the URL.
const GATEWAY_SECRET: &str = "t0ken-of-the-gateway";

async fn nothing_leaks(format: &str) {
    let installation = Installation::new();
    let mut sink = Sink::start(&[]);
    let gateway = Gateway::new("202 Accepted", "");
    let config = configuration(&installation, &sink, &gateway);
    let methods = ["--method", "totp", "--method", "email", "--method", "sms", "--config", &config];
    installation.say(&[&["policy", "set", "--mode", "required"], &methods[..]].concat());
    let mut sidecar = installation.serve(&["--log", "trace", "--log-format", format, "--config", &config]);
    let mut secrets = Secrets::default();
    secrets.text(GATEWAY_SECRET);
    tell_stories(&sidecar, &mut secrets, &mut sink, &gateway).await;
    let key = std::fs::read_to_string(installation.data().join("master.key")).unwrap();
    let key = key.trim_end().rsplit(':').next().unwrap();
    secrets.text(key);
    secrets.bytes.push(data_encoding::BASE64URL_NOPAD.decode(key.as_bytes()).unwrap());

    let log = sidecar.log();
    assert!(log.contains("TRACE") && log.contains("/v1/logins/{login_id}/answer"), "the log tells something");
    secrets.check_text("the log", &log);
    for heard in &secrets.heard {
        secrets.check_text("an answer", heard);
    }
    let commands =
        [&["key", "list"][..], &["user", "show", "alice"], &["user", "show", "carol"], &["policy", "show"]];
    for arguments in commands.into_iter().chain([&["doctor"][..], &["doctor", "--config", &config]]) {
        secrets.check_text("the command line", &installation.say(arguments));
    }
    assert!(check_files(&installation, &secrets) >= 2, "the database and its write-ahead log");
    sidecar.terminate();
    assert_eq!(sidecar.ended().code(), Some(0));
    assert!(check_files(&installation, &secrets) >= 1, "and once it was checkpointed");
}

/// Looks through every file but the master key's; how many there are.
fn check_files(installation: &Installation, secrets: &Secrets) -> usize {
    let files = std::fs::read_dir(installation.data()).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.file_name().unwrap() != "master.key").collect();
    for path in &files {
        secrets.check_bytes(path.to_str().unwrap(), &std::fs::read(path).unwrap());
    }
    files.len()
}

#[tokio::test]
async fn no_secret_leaks_by_the_text_log_errors_files_or_audit() {
    nothing_leaks("text").await;
}

#[tokio::test]
async fn no_secret_leaks_by_the_json_log() {
    nothing_leaks("json").await;
}

#[test]
#[should_panic(expected = "the log tells a code")]
fn the_search_finds_a_code() {
    let secrets = Secrets { codes: vec!["123456".into()], ..Secrets::default() };
    secrets.check_text("the log", "at 0.1234567 s, id 1123456");
    secrets.check_text("the log", "code=123456");
}

#[test]
#[should_panic(expected = "the log tells 9F2K-7QXD-3M1A")]
fn the_search_finds_a_secret_in_any_case() {
    let mut secrets = Secrets::default();
    secrets.text("9F2K-7QXD-3M1A");
    secrets.check_text("the log", "nothing\ncode=9f2k-7qxd-3m1a");
}

#[test]
#[should_panic(expected = "the file holds 9F2K-7QXD-3M1A")]
fn the_search_finds_a_secret_in_a_file() {
    let mut secrets = Secrets::default();
    secrets.text("9F2K-7QXD-3M1A");
    secrets.check_bytes("the file", b"\x00\x019F2K-7QXD-3M1A\xff");
}
