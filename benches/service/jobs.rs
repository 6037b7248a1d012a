//! What a connection asks for.

use crate::Failure;
use crate::load::{Connection, Job, Reply, Turn};
use crate::phone::{Phone, code_now};
use crate::population::Population;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::Write as _;
use std::rc::Rc;

/// A host: writes requests with its key.
pub struct Host {
    headers: String,
    pub phone: Phone,
}

impl Host {
    pub fn new(key: &str) -> Self {
        let headers = format!(
            "Host: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: "
        );
        Self { headers, phone: Phone::default() }
    }

    /// Sends `POST path` with `body`, each in parts.
    async fn post<'c>(
        &self,
        connection: &'c mut Connection,
        path: &[&str],
        body: &[&str],
    ) -> Result<Reply<'c>, Failure> {
        let request = &mut connection.request;
        request.clear();
        request.extend_from_slice(b"POST ");
        path.iter().for_each(|part| request.extend_from_slice(part.as_bytes()));
        request.extend_from_slice(b" HTTP/1.1\r\n");
        request.extend_from_slice(self.headers.as_bytes());
        write!(request, "{}\r\n\r\n", body.iter().map(|part| part.len()).sum::<usize>())?;
        body.iter().for_each(|part| request.extend_from_slice(part.as_bytes()));
        connection.exchange().await
    }

    async fn begin<'c>(&self, connection: &'c mut Connection, user: &str) -> Result<Reply<'c>, Failure> {
        let body = [r#"{"user":{"id":""#, user, r#"","name":"user"#, user, r#""}}"#];
        self.post(connection, &["/v1/logins"], &body).await
    }

    async fn answer<'c>(
        &self,
        connection: &'c mut Connection,
        login: &LoginId,
        method: &str,
        code: &str,
    ) -> Result<Reply<'c>, Failure> {
        let path = ["/v1/logins/", std::str::from_utf8(login)?, "/answer"];
        self.post(connection, &path, &[r#"{"method":""#, method, r#"","code":""#, code, r#""}"#]).await
    }

    /// Shows the present code, whose step it then is.
    async fn check<'c>(
        &self,
        connection: &'c mut Connection,
        login: &LoginId,
    ) -> Result<(u32, Reply<'c>), Failure> {
        let (step, code) = self.phone.show()?;
        Ok((step, self.answer(connection, login, "totp", std::str::from_utf8(&code)?).await?))
    }
}

/// 24 bytes in base64url.
type LoginId = [u8; 32];

fn login_id(begun: &Reply<'_>) -> Result<LoginId, Failure> {
    let id = begun.member("id").ok_or("a login without an id")?;
    Ok(id.as_bytes().try_into()?)
}

fn turn(reply: &Reply<'_>, is_done: bool) -> Turn {
    if is_done { Turn::Done } else { Turn::Refused(reply.describe()) }
}

fn wants_a_code(reply: &Reply<'_>) -> bool {
    reply.status == 201 && reply.body.contains(r#""status":"challenge_required""#)
}

fn has_passed(reply: &Reply<'_>) -> bool {
    reply.status == 200 && reply.body.contains(r#""status":"passed""#)
}

/// A POST that reads key and body and writes nothing.
pub struct NoOp(pub Rc<Host>);

impl Job for NoOp {
    type Kept = ();

    async fn turn(&self, connection: &mut Connection, (): &mut ()) -> Result<Turn, Failure> {
        let body = [r#"{"method":"totp","code":"123456"}"#];
        let reply = self.0.post(connection, &["/v1/ping"], &body).await?;
        Ok(turn(&reply, reply.status == 200))
    }
}

/// Logins that wait for their code.
pub type Begun = Rc<RefCell<VecDeque<(u32, LoginId)>>>;

/// Begins a login for one user after the other.
pub struct Begin {
    pub host: Rc<Host>,
    pub users: Rc<Population>,
    pub begun: Begun,
}

impl Job for Begin {
    type Kept = ();

    async fn turn(&self, connection: &mut Connection, (): &mut ()) -> Result<Turn, Failure> {
        let Some(user) = self.users.take() else { return Ok(Turn::Dry) };
        let reply = self.host.begin(connection, &user.to_string()).await?;
        let is_begun = wants_a_code(&reply);
        if is_begun {
            self.begun.borrow_mut().push_back((user, login_id(&reply)?));
        }
        Ok(turn(&reply, is_begun))
    }
}

/// Answers the logins that were begun, with the right code.
pub struct Check {
    pub host: Rc<Host>,
    pub users: Rc<Population>,
    pub begun: Begun,
}

impl Job for Check {
    type Kept = ();

    async fn turn(&self, connection: &mut Connection, (): &mut ()) -> Result<Turn, Failure> {
        let Some((user, login)) = self.begun.borrow_mut().pop_front() else { return Ok(Turn::Dry) };
        let (step, reply) = self.host.check(connection, &login).await?;
        self.users.spend(user, step);
        Ok(turn(&reply, has_passed(&reply)))
    }
}

/// A whole login: begun and answered.
pub struct Login {
    pub host: Rc<Host>,
    pub users: Rc<Population>,
}

impl Job for Login {
    type Kept = ();

    async fn turn(&self, connection: &mut Connection, (): &mut ()) -> Result<Turn, Failure> {
        let Some(user) = self.users.take() else { return Ok(Turn::Dry) };
        let begun = self.host.begin(connection, &user.to_string()).await?;
        if !wants_a_code(&begun) {
            return Ok(turn(&begun, false));
        }
        let login = login_id(&begun)?;
        let (step, reply) = self.host.check(connection, &login).await?;
        self.users.spend(user, step);
        Ok(turn(&reply, has_passed(&reply)))
    }
}

/// A first login: begun, the secret fetched, the first code confirmed, recovery codes received.
pub struct Enroll {
    pub host: Rc<Host>,
    /// The number of the next user, beyond those that were seeded.
    pub next: Cell<u32>,
}

impl Job for Enroll {
    type Kept = ();

    async fn turn(&self, connection: &mut Connection, (): &mut ()) -> Result<Turn, Failure> {
        let user = self.next.replace(self.next.get() + 1);
        let begun = self.host.begin(connection, &user.to_string()).await?;
        if begun.status != 201 {
            return Ok(turn(&begun, false));
        }
        let login = login_id(&begun)?;
        let login = std::str::from_utf8(&login)?;
        let path = ["/v1/logins/", login, "/enrollment"];
        let shown = self.host.post(connection, &path, &[r#"{"method":"totp"}"#]).await?;
        let Some(secret) = shown.member("secret") else { return Ok(turn(&shown, false)) };
        let code = code_now(&data_encoding::BASE32_NOPAD.decode(secret.as_bytes())?)?;
        let path = ["/v1/logins/", login, "/enrollment/confirm"];
        let body = [r#"{"code":""#, std::str::from_utf8(&code)?, r#""}"#];
        let reply = self.host.post(connection, &path, &body).await?;
        Ok(turn(&reply, has_passed(&reply) && reply.body.contains(r#""recovery_codes":["#)))
    }
}

/// Guesses recovery codes; a user who is locked is left for the next one. Done is a guess that was checked.
pub struct Guess {
    pub host: Rc<Host>,
    /// Users with recovery codes.
    pub users: Rc<RefCell<std::ops::Range<u32>>>,
}

impl Job for Guess {
    /// The login to answer.
    type Kept = Option<LoginId>;

    async fn turn(&self, connection: &mut Connection, login: &mut Self::Kept) -> Result<Turn, Failure> {
        let id = match *login {
            Some(id) => id,
            None => {
                let next = self.users.borrow_mut().next();
                let Some(user) = next else { return Err("every user with recovery codes is locked".into()) };
                let begun = self.host.begin(connection, &user.to_string()).await?;
                if !wants_a_code(&begun) {
                    return Ok(turn(&begun, false));
                }
                *login.insert(login_id(&begun)?)
            }
        };
        // Of the form of a recovery code, so that it is hashed.
        let reply = self.host.answer(connection, &id, "recovery_code", "0000-0000-0000").await?;
        let is_checked = reply.status == 422;
        // Turned away for now, the login can be tried again.
        let has_ended = !is_checked && reply.status != 503;
        if has_ended || reply.body.contains(r#""attempts_remaining":0"#) {
            *login = None;
        }
        Ok(turn(&reply, is_checked))
    }
}
