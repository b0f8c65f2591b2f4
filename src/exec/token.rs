//! Access tokens for Google credentials: asked for when a target is tried, and kept in memory until shortly before they
//! end. Nothing is written anywhere.

use std::cell::RefCell;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use super::NO_KEY;
use super::transport::Transport;
use crate::failure::{Failure, FailureClass};
use crate::secret::Secret;
use crate::wire::google_token::{Account, AccountError, Token};

/// How long asking for a token may take.
const LIMIT: Duration = Duration::from_secs(15);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// A token is not used in the last part of its life: it must outlast the request.
const MARGIN: Duration = Duration::from_mins(1);

/// The tokens of this process.
#[derive(Debug, Default)]
pub struct Tokens {
    known: RefCell<Vec<Known>>,
}

#[derive(Debug)]
struct Known {
    account: Account,
    token: Secret,
    until: Instant,
}

impl Tokens {
    /// A token for `account`: the one at hand, or a new one. The failure's message is whole: what happened, where, what to do.
    pub async fn access(&self, account: &Account, provider: &str, transport: &Transport) -> Result<Secret, Failure> {
        if let Some(token) = self.at_hand(account) {
            return Ok(token);
        }
        let asked = timeout(LIMIT, ask(account, transport)).await.unwrap_or_else(|_| {
            let message = format!("{} did not answer within {} s", account.endpoint(), LIMIT.as_secs());
            Err(Failure::new(FailureClass::Network, NO_KEY, message))
        });
        let token = asked.map_err(|failure| told(failure, provider))?;
        let until = Instant::now() + token.life.saturating_sub(MARGIN).min(Duration::from_hours(12));
        self.known.borrow_mut().push(Known { account: account.clone(), token: token.secret.clone(), until });
        Ok(token.secret)
    }

    fn at_hand(&self, account: &Account) -> Option<Secret> {
        let mut known = self.known.borrow_mut();
        known.retain(|known| known.until > Instant::now());
        known.iter().find(|known| known.account == *account).map(|known| known.token.clone())
    }
}

async fn ask(account: &Account, transport: &Transport) -> Result<Token, Failure> {
    let request = account.request(Timestamp::now()).map_err(|error| unusable(&error))?;
    let response = transport.post_form(&request.url, &request.form, CONNECT).await.map_err(|failure| {
        let cause = failure.message.unwrap_or_default();
        let message = format!("{} cannot be reached: {cause}", account.endpoint());
        Failure { message: Some(message), maybe_billed: false, ..failure }
    })?;
    let head = response.head.clone();
    account.token(&request, &head, &response.error_body().await)
}

fn unusable(error: &AccountError) -> Failure {
    Failure::new(FailureClass::Auth, NO_KEY, format!("{} ({})", error.message, error.hint))
}

/// Nothing was sent to the provider: the failure is told as one of the key.
fn told(failure: Failure, provider: &str) -> Failure {
    let message = format!("no access token for `{provider}`: {}", failure.message.unwrap_or_default());
    Failure { rule: NO_KEY.to_owned(), status: None, message: Some(message), ..failure }
}
