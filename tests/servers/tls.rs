//! TLS to the server by URL: what is asked for is had, or there is no connection. The server's certificate is for
//! "localhost", by an authority of the tests.

use crate::installation::{Installation, poll, refusal};
use crate::{address, is_postgres, proxy, server};
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use mfa_sidecar::store::AnyConnection;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The tests share the server's certificate, which one of them changes.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(std::env::var("TEST_DATABASE_TLS").expect("as scripts/with-databases.sh sets it"))
        .join(name)
}

/// A URL that asks for nothing.
fn plain() -> String {
    format!("{}/{}", server(), if is_postgres() { "postgres" } else { "mysql" })
}

/// A URL by the host's right name, with these parameters, in the words of both servers, and an authority.
fn url(postgres: &str, mysql: &str, authority: Option<&str>) -> String {
    let (mode, name) = if is_postgres() { (postgres, "sslrootcert") } else { (mysql, "ssl_ca") };
    let authority = authority.map_or(String::new(), |ca| format!("&{name}={}", file(ca).display()));
    format!("{}?{mode}{authority}", plain().replace("127.0.0.1", "localhost"))
}

/// One that has the server's certificate verified, name and all.
fn strict(authority: Option<&str>) -> String {
    url("sslmode=verify-full", "ssl_mode=verify_identity", authority)
}

/// By the same server's address, for which the certificate is not.
fn by_another_name(url: &str) -> String {
    url.replace("localhost", "127.0.0.1")
}

/// Why there is no connection.
#[track_caller]
fn refused(url: &str) -> String {
    AnyConnection::open(url).err().unwrap_or_else(|| panic!("{url} should have been refused")).to_string()
}

#[derive(QueryableByName)]
struct Cipher {
    #[diesel(sql_type = Text)]
    cipher: String,
}

/// What the server says of how the connection is encrypted; empty if it is not.
#[track_caller]
fn cipher(url: &str) -> String {
    let query = if is_postgres() {
        "SELECT coalesce(cipher, '') AS cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    } else {
        "SELECT variable_value AS cipher FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"
    };
    let mut db = AnyConnection::open(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    let rows: Vec<Cipher> = sql_query(query).load(&mut db).unwrap();
    rows.into_iter().next().map(|row| row.cipher).unwrap_or_default()
}

#[test]
fn a_certificate_by_the_authority_for_the_name_is_taken_and_the_connection_encrypted() {
    let _alone = alone();
    assert_ne!(cipher(&strict(Some("ca.pem"))), "");
    assert_eq!(cipher(&plain()), "", "only what asks for it is encrypted here");
}

#[test]
fn a_certificate_by_another_authority_is_refused() {
    let _alone = alone();
    let said = refused(&strict(Some("other-ca.pem")));
    assert!(said.contains("certificate"), "{said}");
}

#[test]
fn without_an_authority_nobody_is_trusted_who_is_not_by_the_system() {
    let _alone = alone();
    // libpq takes none but the user's own file then; the Connector asks the system.
    let said = refused(&strict(None));
    assert!(said.contains("certificate"), "{said}");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let _alone = alone();
    let said = refused(&by_another_name(&strict(Some("ca.pem"))));
    assert!(said.contains("certificate"), "{said}");
}

#[test]
fn a_server_that_offers_no_tls_is_refused_whoever_says_so() {
    let _alone = alone();
    let stripped = proxy::without_tls(address(), is_postgres());
    let port = stripped.rsplit_once(':').unwrap().1;
    let own = server().rsplit_once(':').unwrap().1.to_owned();
    let mut demanding = vec![strict(Some("ca.pem")), strict(None)];
    if is_postgres() {
        demanding.push(url("sslmode=require", "", None));
    }
    for url in demanding {
        let said = refused(&url.replace(&own, port)).to_lowercase();
        assert!(
            said.contains("does not support ssl") || said.contains("server does not support it"),
            "{said}"
        );
    }
    if !is_postgres() {
        // The very same way serves a URL that asks for nothing.
        AnyConnection::open(&format!("mysql://mfa@{stripped}/mysql")).unwrap();
    }
}

/// Has the server take up another certificate.
fn present(name: &str) {
    std::fs::copy(file(name), file("server.pem")).unwrap();
    let mut db = AnyConnection::open(&plain()).unwrap();
    db.batch_execute(if is_postgres() { "SELECT pg_reload_conf()" } else { "FLUSH SSL" }).unwrap();
}

#[test]
fn a_certificate_whose_time_has_passed_is_refused() {
    let _alone = alone();
    let strict = strict(Some("ca.pem"));
    present("expired.pem");
    let said = poll("the server presents it", || AnyConnection::open(&strict).err()).to_string();
    present("valid.pem");
    poll("the server presents the valid one again", || AnyConnection::open(&strict).ok());
    // libpq says no more than that the verification failed.
    assert!(said.contains(if is_postgres() { "certificate" } else { "expired" }), "{said}");
}

#[test]
fn the_executable_says_in_one_line_that_it_does_not_trust_the_server() {
    let _alone = alone();
    let of = |url: String| {
        let installation = Installation::with(vec![
            ("MFA_SIDECAR_DATABASE_URL", url),
            ("MFA_SIDECAR_MASTER_KEY_FILE", "unused".into()),
        ]);
        refusal(&installation.run(&["serve", "--log", "error"]))
    };
    let said = of(strict(Some("other-ca.pem")));
    assert!(said.contains("cannot open the database") && said.contains("certificate"), "{said}");
    if !is_postgres() {
        // The parameters of the other server would say nothing to the library, and it would connect to anybody.
        let said = of(url("", "sslmode=verify-full", None));
        assert!(said.contains("setting database_url") && said.contains("sslmode"), "{said}");
    }
}
