//! `user show|reset|unlock|one-time-pass`: break-glass for a lost authenticator.

use super::key::parse_span;
use super::{Failure, SiteArg, admin_of, print_json};
use crate::domain::id::UserId;
use crate::domain::one_time_pass;
use crate::http::users::UserBody;
use crate::service::Service;
use clap::Subcommand;
use std::time::Duration;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print what is known of a user
    Show(UserArg),
    /// Remove a user's authenticators, so that the next login enrols anew
    Reset(UserArg),
    /// Lift a user's lock
    Unlock(UserArg),
    /// Print a pass for one login, once, in which the user then enrols anew
    OneTimePass {
        #[command(flatten)]
        user: UserArg,
        /// How long it is good, from 1m to 24h
        #[arg(long, default_value = "15m", value_parser = parse_span)]
        expires_in: Duration,
    },
}

#[derive(clap::Args)]
pub(super) struct UserArg {
    /// The host's id of the user
    id: String,
    #[command(flatten)]
    site: SiteArg,
}

pub(super) async fn run(service: &Service, command: Command) -> Result<(), Failure> {
    let (Command::Show(arg)
    | Command::Reset(arg)
    | Command::Unlock(arg)
    | Command::OneTimePass { user: arg, .. }) = &command;
    let by = admin_of(service, &arg.site).await?;
    let user = UserId::parse(&arg.id).map_err(|error| Failure::Said(format!("id: {error}")))?;
    match command {
        Command::Show(_) => print_json(&UserBody::from(service.user_state(&by.into(), user).await?)),
        Command::Reset(_) => {
            let removed = service.remove_authenticators(&by, user, None).await?;
            println!("Removed {removed}.");
            Ok(())
        }
        Command::Unlock(_) => {
            service.unlock_user(&by, user).await?;
            println!("Unlocked.");
            Ok(())
        }
        Command::OneTimePass { expires_in, .. } => {
            if !one_time_pass::SECONDS.contains(&expires_in.as_secs()) {
                return Err(Failure::Said("expires-in: must be from 1m to 24h".into()));
            }
            let (pass, _) = service.issue_one_time_pass(&by, user, expires_in).await?;
            println!("{}", pass.expose());
            Ok(())
        }
    }
}
