//! `key create|list|revoke`.

use super::{Failure, SiteArg, admin_of, column, time_column};
use crate::domain::id::Id;
use crate::service::Service;
use crate::service::keys::REVOCATION_HOLDS_AFTER;
use crate::store::api_keys::Role;
use clap::Subcommand;
use std::time::Duration;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print a new API key, once; the service keeps its hash
    Create {
        /// For people
        #[arg(long)]
        name: String,
        /// What it may be used for: bridge, admin, auditor; repeat for several
        #[arg(long = "role", required = true, value_parser = parse_role)]
        roles: Vec<Role>,
        /// How long it is valid, such as 90d or 12h; without end if not given
        #[arg(long, value_parser = parse_span)]
        expires_in: Option<Duration>,
        #[command(flatten)]
        site: SiteArg,
    },
    /// List the keys of a site
    List {
        #[command(flatten)]
        site: SiteArg,
    },
    /// Revoke a key; returns when it holds on every replica
    Revoke {
        /// The key's id
        id: String,
        #[command(flatten)]
        site: SiteArg,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "must be bridge, admin or auditor".into())
}

pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    let span: jiff::Span = text.parse().map_err(|_| "must be like 90d or 12h".to_owned())?;
    let duration = span
        .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| (60..=100 * 365 * 86_400).contains(&duration.as_secs()));
    duration.ok_or_else(|| "must be from 1m to 36500d, in weeks, days, hours, minutes or seconds".to_owned())
}

pub(super) async fn run(service: &Service, command: Command) -> Result<(), Failure> {
    match command {
        Command::Create { name, mut roles, expires_in, site } => {
            let name = name.trim().to_owned();
            if name.is_empty() || name.chars().count() > 255 {
                return Err(Failure::Said("name: must be 1 to 255 characters".into()));
            }
            roles.sort_by_key(|role| role.as_str());
            roles.dedup();
            let by = admin_of(service, &site).await?;
            let expires_at = expires_in.map(|duration| service.now().plus(duration));
            let (token, _) = service.create_key(&by, name, roles, expires_at).await?;
            println!("{}", token.expose());
        }
        Command::List { site } => {
            let by = admin_of(service, &site).await?;
            println!("id\tname\troles\tcreated\tstate");
            for key in service.list_keys(&by).await? {
                let roles: Vec<_> = key.roles.iter().map(|role| role.as_str()).collect();
                let state = match (key.revoked_at, key.expires_at) {
                    (Some(at), _) => format!("revoked {}", time_column(at)),
                    (None, Some(at)) if at <= service.now() => format!("expired {}", time_column(at)),
                    (None, Some(at)) => format!("valid until {}", time_column(at)),
                    (None, None) => "valid".into(),
                };
                println!(
                    "{}\t{}\t{}\t{}\t{state}",
                    key.id,
                    column(&key.name),
                    roles.join(","),
                    time_column(key.created_at)
                );
            }
        }
        Command::Revoke { id, site } => {
            let by = admin_of(service, &site).await?;
            let parsed =
                Id::parse(&id).ok_or_else(|| Failure::Said("id: see `key list` for the ids".into()))?;
            if !service.revoke_key(&by, parsed).await? {
                return Err(Failure::Said(format!("there is no key {id} to revoke in this site")));
            }
            actix_web::rt::time::sleep(REVOCATION_HOLDS_AFTER).await;
            println!("Revoked.");
        }
    }
    Ok(())
}
