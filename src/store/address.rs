//! A database server's URL, made complete for the client library: TLS as the operator asks for it, and an end to waiting
//! for a server that does not answer.
//!
//! # Design
//! libpq takes all of it as parameters of the URL (`sslmode`, `sslrootcert`, `connect_timeout`, …) and refuses what it
//! does not know. What the operator gives stays; the time-outs are added where they are missing.
//!
//! For MySQL, diesel hands `ssl_mode` over by an option that MariaDB's Connector/C does not have: a URL that demands
//! `verify_identity` would connect to anybody. Unknown parameters would be dropped in silence as well. So this module
//! takes `ssl_mode` out of the URL, refuses every parameter that it does not know, and gives the Connector its own
//! options the way that it reads them, as a connection string in the place of the host
//! (`host=db.example;ssl-verify-server-cert=1;…`). A library that reads no connection strings finds no host of that
//! name: it fails closed.
//!
//! The Connector goes on without TLS where the server says that it has none, and whoever is on the way can say so in its
//! name, unless the certificate is to be verified, name and all. So nothing weaker is offered for MySQL: it would not hold.

use std::net::IpAddr;
use url::{Host, Url};

/// How long a connection may take to be made, in seconds, for each address that a name has.
const CONNECT_SECONDS: u32 = 3;

/// For libpq, where the operator gives nothing else: a server that has gone without a word is noticed in 8 s while
/// something is under way (`tcp_user_timeout`, in ms), and in 19 s otherwise.
const POSTGRES: [(&str, u32); 5] = [
    ("connect_timeout", CONNECT_SECONDS),
    ("tcp_user_timeout", 8_000),
    ("keepalives_idle", 10),
    ("keepalives_interval", 3),
    ("keepalives_count", 3),
];

/// The parameters that a `mysql` URL may have.
const MYSQL: [&str; 5] = ["unix_socket", "ssl_mode", "ssl_ca", "ssl_cert", "ssl_key"];

/// The URL for the client library, or why there is none: nothing of the URL but names of parameters.
pub(super) fn complete(url: &str) -> Result<String, String> {
    match url.split_once(':') {
        Some(("postgres" | "postgresql", _)) => Ok(complete_postgres(url)),
        Some(("mysql", _)) => complete_mysql(url),
        _ => Ok(url.to_owned()),
    }
}

fn complete_postgres(url: &str) -> String {
    let given: Vec<_> = parameters(url).collect();
    let missing = POSTGRES.iter().filter(|(name, _)| !given.iter().any(|(has, _)| has == name));
    let mut complete = url.to_owned();
    for (name, value) in missing {
        complete.push(if complete.contains('?') { '&' } else { '?' });
        complete.push_str(&format!("{name}={value}"));
    }
    complete
}

/// Names and values as they are written: libpq's URLs may name several hosts, which are none to [`Url`].
fn parameters(url: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split_once('='))
}

fn complete_mysql(url: &str) -> Result<String, String> {
    let mut url = Url::parse(url).map_err(|error| format!("the URL is not well formed: {error}"))?;
    let verified = is_verified(&url)?;
    let mut kept = Vec::new();
    for (name, value) in url.query_pairs().into_owned() {
        if !MYSQL.contains(&name.as_str()) {
            return Err(format!("unknown parameter {name:?} of the URL; it knows: {}", MYSQL.join(", ")));
        }
        if name != "ssl_mode" {
            kept.push((name, value));
        }
    }
    let mut options = format!("connect-timeout={CONNECT_SECONDS}");
    if verified {
        options.push_str(";ssl-enforce=1;ssl-verify-server-cert=1");
        if !kept.iter().any(|(name, _)| name == "unix_socket") {
            // TCP, also to localhost: the library would take its socket.
            options.push_str(";protocol=1");
        }
    }
    let host = match url.host() {
        // A connection string cannot hold it.
        Some(Host::Ipv6(_)) if verified => {
            return Err("TLS needs the server's name in the place of its IPv6 address".into());
        }
        Some(Host::Ipv6(_)) => None,
        Some(host) => Some(host.to_string()),
        None => Some("localhost".into()),
    };
    if let Some(host) = host {
        if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_,".contains(&byte)) {
            return Err("the host of the URL is not a name".into());
        }
        url.set_host(Some(&format!("host={host};{options}"))).map_err(|error| error.to_string())?;
    }
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Ok(url.into())
}

/// Whether a `mysql` URL demands TLS with a server that has a certificate for its name.
fn is_verified(url: &Url) -> Result<bool, String> {
    let value = |name: &str| url.query_pairs().find(|(has, _)| has == name).map(|(_, value)| value);
    match value("ssl_mode").map(|mode| mode.to_lowercase()).as_deref() {
        Some("disabled") => Ok(false),
        Some("verify_identity") => Ok(true),
        Some(_) => {
            Err("ssl_mode must be verify_identity or disabled: nothing between keeps others out".into())
        }
        None => Ok(["ssl_ca", "ssl_cert", "ssl_key"].iter().any(|name| value(name).is_some())),
    }
}

/// Whether somebody between this machine and the database server could read and change what passes, or pose as the
/// server: it is another machine, and the URL does not have its certificate verified.
pub fn is_exposed(url: &str) -> bool {
    let of =
        |name: &str| parameters(url).find(|(has, _)| *has == name).map(|(_, value)| value.to_lowercase());
    match url.split_once(':') {
        Some(("postgres" | "postgresql", _)) => {
            !matches!(of("sslmode").as_deref(), Some("verify-ca" | "verify-full"))
                && !hosts_of_postgres(url).all(is_this_machine)
        }
        Some(("mysql", _)) => Url::parse(url).is_ok_and(|url| {
            !is_verified(&url).unwrap_or(false)
                && !url.query_pairs().any(|(name, _)| name == "unix_socket")
                && !url.host_str().is_none_or(is_this_machine)
        }),
        _ => false,
    }
}

/// The hosts that libpq will try: those before the path, and those of parameters.
fn hosts_of_postgres(url: &str) -> impl Iterator<Item = &str> {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let hosts = authority.rsplit('@').next().unwrap_or_default();
    let named = hosts.split(',').map(|host| match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    });
    let more = parameters(url).filter(|(name, _)| matches!(*name, "host" | "hostaddr"));
    named.chain(more.flat_map(|(_, hosts)| hosts.split(',')))
}

fn is_this_machine(host: &str) -> bool {
    // Nothing and a directory, as libpq writes it, are sockets.
    host.is_empty()
        || host == "localhost"
        || host.starts_with('/')
        || host.to_lowercase().starts_with("%2f")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        complete(url).unwrap_err()
    }

    #[test]
    fn postgres_keeps_what_is_given_and_gets_the_time_outs_that_are_not() {
        let complete = complete("postgres://u:p@a:1,b:2/mfa?sslmode=verify-full&connect_timeout=9").unwrap();
        assert_eq!(
            complete,
            "postgres://u:p@a:1,b:2/mfa?sslmode=verify-full&connect_timeout=9&tcp_user_timeout=8000\
             &keepalives_idle=10&keepalives_interval=3&keepalives_count=3"
        );
        assert!(
            super::complete("postgres:///mfa").unwrap().starts_with("postgres:///mfa?connect_timeout=3&")
        );
    }

    #[test]
    fn mysql_gets_the_options_of_the_connector_in_the_place_of_the_host() {
        assert_eq!(
            complete("mysql://u:p%40@db.example:3307/mfa").unwrap(),
            "mysql://u:p%40@host=db.example;connect-timeout=3:3307/mfa"
        );
        assert_eq!(
            complete("mysql://u@db.example/mfa?ssl_mode=VERIFY_IDENTITY&ssl_ca=/etc/ca.pem").unwrap(),
            "mysql://u@host=db.example;connect-timeout=3;ssl-enforce=1;ssl-verify-server-cert=1;protocol=1/mfa\
             ?ssl_ca=%2Fetc%2Fca.pem"
        );
        assert_eq!(
            complete("mysql://u@localhost/mfa?unix_socket=/run/socket").unwrap(),
            "mysql://u@host=localhost;connect-timeout=3/mfa?unix_socket=%2Frun%2Fsocket"
        );
        assert_eq!(complete("mysql://u@[::1]/mfa").unwrap(), "mysql://u@[::1]/mfa");
    }

    #[test]
    fn a_file_of_tls_without_a_mode_demands_verification() {
        for file in ["ssl_ca", "ssl_cert", "ssl_key"] {
            let complete = complete(&format!("mysql://h/mfa?{file}=/f")).unwrap();
            assert!(complete.contains("ssl-enforce=1;ssl-verify-server-cert=1"), "{complete}");
        }
    }

    #[test]
    fn mysql_refuses_what_would_be_dropped_in_silence() {
        assert!(refused("mysql://h/mfa?sslmode=verify-full").contains("unknown parameter \"sslmode\""));
        for mode in ["preferred", "required", "verify_ca", "verify-full", ""] {
            assert!(
                refused(&format!("mysql://h/mfa?ssl_mode={mode}")).contains("ssl_mode must be"),
                "{mode}"
            );
        }
        assert!(refused("mysql://[::1]/mfa?ssl_mode=verify_identity").contains("IPv6"));
        assert!(refused("mysql://h;ssl-enforce=0/mfa").contains("not a name"));
    }

    #[test]
    fn another_machine_whose_certificate_is_not_verified_is_exposed() {
        for url in [
            "postgres://u:p@db.example/mfa",
            "postgres://u:p@db.example:5432/mfa?sslmode=require",
            "postgres://localhost,db.example/mfa",
            "postgres:///mfa?host=db.example",
            "postgres://[2001:db8::1]/mfa",
            "mysql://u:p@192.0.2.1/mfa",
            "mysql://u:p@db.example/mfa?ssl_mode=disabled",
        ] {
            assert!(is_exposed(url), "{url}");
        }
        for url in [
            "sqlite:/var/lib/mfa.sqlite3",
            "postgres://u:p@127.0.0.1:5432/mfa",
            "postgres://u:p@[::1]:5432/mfa",
            "postgres:///mfa?host=/run/postgresql",
            "postgres://%2Frun%2Fpostgresql/mfa",
            "postgres://u:p@db.example/mfa?sslmode=verify-full&sslrootcert=/ca.pem",
            "mysql://u:p@localhost/mfa",
            "mysql://u:p@[::1]/mfa",
            "mysql://u:p@any/mfa?unix_socket=/run/socket",
            "mysql://u:p@db.example/mfa?ssl_mode=verify_identity",
        ] {
            assert!(!is_exposed(url), "{url}");
        }
    }
}
