//! What lies between this machine and the providers: proxies, certificates, and whether the clocks agree.

use std::path::Path;

use jiff::SignedDuration;

use super::NETWORK;
use super::finding::Finding;
use super::providers::Seen;
use crate::cli::contact::{Asked, Meaning};
use crate::config::Environment;
use crate::error::ErrorKind;
use crate::ui::counted;

/// A clock that is off by more makes signatures and certificates invalid.
const FAR_OFF: SignedDuration = SignedDuration::from_mins(5);

/// Says what was seen on the way.
pub fn check(seen: &Seen, environment: &Environment, findings: &mut Vec<Finding>) {
    findings.extend(proxy(environment));
    findings.extend(certificates(seen, environment));
    findings.extend(clock(&seen.asked));
}

/// The variables that name a proxy for encrypted addresses, the one that counts first.
const HTTPS: &[&str] = &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const HTTP: &[&str] = &["HTTP_PROXY", "http_proxy"];
const EXCEPT: &[&str] = &["NO_PROXY", "no_proxy"];

fn set<'a>(names: &[&'static str], environment: &'a Environment) -> Option<(&'static str, &'a str)> {
    names.iter().find_map(|name| Some((*name, environment.get(name)?)))
}

fn proxy(environment: &Environment) -> Vec<Finding> {
    const AREA: &str = "proxy";
    let except = set(EXCEPT, environment);
    let Some((name, address)) = set(HTTPS, environment) else {
        let text = match set(HTTP, environment) {
            Some((name, address)) => {
                format!("{name} is {}, and counts for plain HTTP only; providers are asked directly", shown(address))
            }
            None => "no proxy is set; providers are asked directly".to_owned(),
        };
        return vec![Finding::ok(AREA, text)];
    };
    let scheme = address.split_once("://").map_or("http", |(scheme, _)| scheme);
    if !matches!(scheme, "http" | "https") {
        let text = format!("{name} is {}: a proxy of that sort is not supported, and is not used", shown(address));
        return vec![Finding::warning(AREA, text).remedy(format!("export {name}=http://proxy.example:3128"))];
    }
    let besides = except.map_or(String::new(), |(name, hosts)| format!(", but for {hosts} ({name})"));
    vec![Finding::ok(
        AREA,
        format!("providers are asked through {} ({name}){besides}; servers on this machine never", shown(address)),
    )]
}

/// An address without a user and a password.
fn shown(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") }
}

fn certificates(seen: &Seen, environment: &Environment) -> Vec<Finding> {
    const AREA: &str = "certificates";
    let mut findings = Vec::new();
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let Some(path) = environment.get(name) else { continue };
        findings.push(if Path::new(path).exists() {
            Finding::ok(AREA, format!("authorities are read from {path} ({name})"))
        } else {
            let text = format!("{name} names {path}, which is not there");
            Finding::trouble(AREA, NETWORK, text).remedy(format!("unset {name}"))
        });
    }
    let refused = seen.asked.iter().filter(|asked| asked.meaning() == Some(Meaning::Certificate));
    findings.extend(refused.map(|refused| seen.failure(refused, AREA, NETWORK)));
    let encrypted = |asked: &&Asked| asked.whom.provider.base_url.starts_with("https://");
    let trusted = seen.asked.iter().filter(encrypted).filter(|asked| asked.contact.answer.is_ok()).count();
    if trusted > 0 {
        findings.push(Finding::ok(AREA, format!("those of {} are trusted", counted(trusted, "address"))));
    }
    findings
}

/// One provider with the right time is enough: no two of them are off by the same.
fn clock(asked: &[Asked]) -> Option<Finding> {
    const AREA: &str = "clock";
    let ahead = asked.iter().filter_map(|asked| asked.contact.clock_ahead).min_by_key(|ahead| ahead.abs())?;
    if ahead.abs() <= FAR_OFF {
        return Some(Finding::ok(AREA, "it agrees with that of the providers"));
    }
    let side = if ahead.is_positive() { "ahead of" } else { "behind" };
    let text = format!(
        "this machine's clock is {:#} {side} that of the providers",
        SignedDuration::from_secs(ahead.abs().as_secs())
    );
    Some(Finding::trouble(AREA, ErrorKind::Other, text).remedy("sudo timedatectl set-ntp true"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::cli::contact::Whom;
    use crate::exec::contact::{Contact, Reached};
    use crate::failure::{Failure, FailureClass};
    use crate::ui::checklist::Mark;

    fn proxied(variables: &[(&str, &str)]) -> (Mark, String) {
        let variables = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let environment = Environment { variables, working_directory: "/".into() };
        let finding = proxy(&environment).remove(0);
        (finding.point.mark, finding.point.text)
    }

    fn asked(answer: Result<Reached, Failure>, clock_ahead: Option<i64>) -> Asked {
        let rows = crate::provider::builtin();
        let row = rows.into_iter().find(|(name, _)| name == "openai").map(|(_, row)| row).expect("a row");
        let provider = Arc::new(row.into_provider("openai", &|_| None).expect("a provider"));
        let clock_ahead = clock_ahead.map(SignedDuration::from_secs);
        Asked { whom: Whom { provider, mark: None }, contact: Contact { answer, clock_ahead, time: Duration::ZERO } }
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_told_with_what_to_do() {
        let refused = Failure::new(FailureClass::Tls, "certificate", "UnknownIssuer");
        let all = vec![asked(Err(refused), None), asked(Ok(Reached::Unlisted), None)];
        let mut seen = Seen { asked: all, used: ["openai".to_owned()].into() };
        let findings = certificates(&seen, &Environment::default());
        let told = &findings[0].point;
        assert_eq!((told.mark, told.text.as_str()), (Mark::Trouble, "openai: certificate not trusted: UnknownIssuer"));
        assert!(told.remedy.as_ref().is_some_and(|remedy| remedy.starts_with("export SSL_CERT_FILE=")));
        assert_eq!(findings[1].point.text, "those of 1 address are trusted");
        seen.used.clear();
        let told = &certificates(&seen, &Environment::default())[0].point;
        assert!(told.mark == Mark::Warning && told.text.ends_with("(not in use: it is asked only when it is named)"));
        let variables = [("SSL_CERT_FILE".to_owned(), "/no/such.pem".to_owned())].into();
        let findings = certificates(&Seen::default(), &Environment { variables, ..Environment::default() });
        assert_eq!(findings[0].point.remedy.as_deref(), Some("unset SSL_CERT_FILE"));
    }

    #[test]
    fn a_clock_is_wrong_when_nobody_agrees_with_it() {
        let of = |ahead: &[Option<i64>]| {
            let all: Vec<Asked> = ahead.iter().map(|ahead| asked(Ok(Reached::Unlisted), *ahead)).collect();
            clock(&all).map(|finding| finding.point.text)
        };
        assert_eq!(of(&[None]), None);
        for agreed in [&[Some(300)][..], &[Some(-9999), Some(2), None]] {
            assert_eq!(of(agreed).as_deref(), Some("it agrees with that of the providers"));
        }
        let told = of(&[Some(-720), Some(-721)]).expect("told");
        assert_eq!(told, "this machine's clock is 12m behind that of the providers");
    }

    #[test]
    fn a_proxy_is_told_without_its_password() {
        for (variables, mark, words) in [
            (&[][..], Mark::Ok, "no proxy is set"),
            (
                &[("HTTPS_PROXY", "http://u:secret@p:3128"), ("NO_PROXY", "corp")],
                Mark::Ok,
                "http://p:3128 (HTTPS_PROXY), but for corp",
            ),
            (&[("http_proxy", "http://p")], Mark::Ok, "plain HTTP only"),
            (&[("all_proxy", "p:3128")], Mark::Ok, "through p:3128 (all_proxy)"),
            (
                &[("ALL_PROXY", "socks5://u:secret@p")],
                Mark::Warning,
                "socks5://p: a proxy of that sort is not supported",
            ),
        ] {
            let (found, text) = proxied(variables);
            assert!(found == mark && text.contains(words) && !text.contains("secret"), "{text}");
        }
    }
}
