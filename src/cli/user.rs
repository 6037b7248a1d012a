//! `user show|reset|unlock`: break-glass for a lost authenticator.

use super::{Failure, SiteArg, admin_of, print_json};
use crate::domain::id::UserId;
use crate::http::users::UserBody;
use crate::service::Service;
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print what is known of a user
    Show(UserArg),
    /// Remove a user's authenticators, so that the next login enrols anew
    Reset(UserArg),
    /// Lift a user's lock
    Unlock(UserArg),
}

#[derive(clap::Args)]
pub(super) struct UserArg {
    /// The host's id of the user
    id: String,
    #[command(flatten)]
    site: SiteArg,
}

pub(super) async fn run(service: &Service, command: Command) -> Result<(), Failure> {
    let (Command::Show(arg) | Command::Reset(arg) | Command::Unlock(arg)) = &command;
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
    }
}
