//! `tachawor admin`: the first account, and the way back in.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, IsTerminal as _},
};

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use domain::{
    permission::{Role, Scope},
    text::{DisplayName, EmailAddress},
    vocabulary::{AxisCode, Language, TerritoryCode},
};
use secrecy::SecretString;

use crate::{
    auth::password::{Passwords, check_new},
    clock::Clock,
    config::Config,
    http::problem::Problem,
    store::{self, Store},
};

/// Make accounts and reset passwords. The password is asked for on the terminal, or read from standard input.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an account.
    CreateAccount {
        /// The address to sign in with.
        #[arg(long)]
        email: String,
        /// The name colleagues see.
        #[arg(long)]
        name: String,
        /// moderator, coordinator, analyst or administrator.
        #[arg(long)]
        role: Role,
        /// The axes a moderator is assigned to, with commas between them; all of them if not given.
        #[arg(long, value_delimiter = ',')]
        axes: Option<Vec<AxisCode>>,
        /// The territories a moderator is assigned to, with commas between them; all of them if not given.
        #[arg(long, value_delimiter = ',')]
        territories: Option<Vec<TerritoryCode>>,
    },
    /// Give an account a new password and end its sessions.
    ResetPassword {
        /// The address of the account.
        #[arg(long)]
        email: String,
    },
    /// Forget the second factor of an account and end its sessions.
    ResetSecondFactor {
        /// The address of the account.
        #[arg(long)]
        email: String,
    },
}

impl Admin {
    /// Does it.
    ///
    /// # Errors
    /// Something of the account is not right, or the database failed.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = Config::from_env()?;
        let store = Store::connect(&config.database_url).await?;
        match self {
            Self::CreateAccount { email, name, role, axes, territories } => {
                let email = address(&email)?;
                let name = DisplayName::parse(&name).map_err(|problem| anyhow::anyhow!("--name: {problem}"))?;
                let scope =
                    Scope { axes: axes.map(BTreeSet::from_iter), territories: territories.map(BTreeSet::from_iter) };
                ensure!(
                    role == Role::Moderator || scope == Scope::default(),
                    "only moderators are assigned to axes and territories"
                );
                // asked before the database is locked: people type slowly
                let password_hash = hash(ask_password(&email)?).await?;
                let new = store::account::New {
                    email: email.clone(),
                    name: name.into_string(),
                    role,
                    scope,
                    password_hash,
                    language: Language::Ar,
                };
                let tx = store.write().await?;
                let Some(account) = store::account::insert(&tx, new, Clock::System.now()).await? else {
                    bail!("{email} has an account already");
                };
                tx.commit().await?;
                println!("Account {} was made: {email}, {role}.", account.id);
            }
            Self::ResetPassword { email } => {
                let email = address(&email)?;
                let (account, _) = store::account::by_email(store.read(), &email)
                    .await?
                    .with_context(|| format!("{email} has no account"))?;
                let password_hash = hash(ask_password(&email)?).await?;
                let tx = store.write().await?;
                store::account::set_password(&tx, account.id, password_hash).await?;
                store::session::remove_all(&tx, account.id, None).await?;
                store::invitation::remove(&tx, account.id).await?;
                tx.commit().await?;
                println!("The password of {email} was changed, and its sessions have ended.");
                if account.disabled {
                    println!("The account is disabled: it opens no session until an administrator enables it.");
                }
            }
            Self::ResetSecondFactor { email } => {
                let email = address(&email)?;
                let (account, _) = store::account::by_email(store.read(), &email)
                    .await?
                    .with_context(|| format!("{email} has no account"))?;
                let tx = store.write().await?;
                store::second_factor::reset(&tx, account.id).await?;
                store::session::remove_all(&tx, account.id, None).await?;
                tx.commit().await?;
                println!("The second factor of {email} was forgotten, and its sessions have ended.");
            }
        }
        Ok(())
    }
}

fn address(email: &str) -> anyhow::Result<String> {
    EmailAddress::parse(email)
        .map(|email| email.folded())
        .map_err(|_| anyhow::anyhow!("--email: not an e-mail address"))
}

/// Never an argument: arguments stand in the shell's history and in the list of processes.
fn ask_password(email: &str) -> anyhow::Result<String> {
    let password = if std::io::stdin().is_terminal() {
        let terminal = console::Term::stderr();
        let ask = |question: &str| -> anyhow::Result<String> {
            terminal.write_str(question)?;
            Ok(terminal.read_secure_line()?)
        };
        let password = ask("New password (12 to 128 characters): ")?;
        ensure!(password == ask("Once more: ")?, "the two are not the same");
        password
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    check_new(&password, email).map_err(|problem| anyhow::anyhow!("the password is {problem}"))?;
    Ok(password)
}

async fn hash(password: String) -> anyhow::Result<String> {
    Passwords::default()
        .hash(SecretString::from(password))
        .await
        .map_err(|problem: Problem| anyhow::anyhow!("{problem}"))
}
