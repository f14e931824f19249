//! One mail, one conversation with the mail server, within a time limit.
//!
//! `lettre`'s pooled transport limits only the time to connect, and a conversation that is given up half way
//! goes back into its pool, where the next mail would read the answers meant for the last. Here a conversation
//! that takes too long is dropped with its connection: a server that hangs costs one limit, and no socket stays.

use std::{error::Error as _, fmt, io, time::Duration};

use lettre::{
    Message,
    transport::smtp::{
        Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
    },
};
use tokio::net::TcpStream;
use url::Url;

use super::SendError;

/// How long one mail may take, from the first packet to the server's "taken".
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// How long the server may take to say goodbye; the mail is its own by then.
const GOODBYE: Duration = Duration::from_secs(2);

/// When the conversation is encrypted.
#[derive(Clone)]
enum Security {
    /// Never.
    None,
    /// From the second command on; a server that cannot is not written to.
    StartTls(TlsParameters),
    /// From the second command on if the server can.
    StartTlsIfOffered(TlsParameters),
    /// From the start.
    Wrapped(TlsParameters),
}

/// A mail server.
#[derive(Clone)]
pub(super) struct Smtp {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    name: ClientId,
    time_limit: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{})", self.host, self.port)
    }
}

impl Smtp {
    /// Reads `smtp://` or `smtps://`; `None` if it is neither or its certificate settings are unusable. The URL
    /// may hold a password, so it is never part of an error.
    pub(super) fn new(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
        let tls = || TlsParameters::new(host.clone()).ok();
        let wanted = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
        let (security, port) = match (url.scheme(), wanted.as_deref()) {
            ("smtp", None) => (Security::None, SMTP_PORT),
            ("smtp", Some("required")) => (Security::StartTls(tls()?), SUBMISSION_PORT),
            ("smtp", Some("opportunistic")) => (Security::StartTlsIfOffered(tls()?), SUBMISSION_PORT),
            ("smtps", _) => (Security::Wrapped(tls()?), SUBMISSIONS_PORT),
            _ => return None,
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        Some(Self {
            port: url.port().unwrap_or(port),
            host: host.trim_matches(['[', ']']).to_owned(),
            security,
            credentials,
            name: ClientId::default(),
            time_limit: TIME_LIMIT,
        })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), SendError> {
        let conversation = async {
            let mut connection = self.connect().await?;
            connection.send(message.envelope(), &message.formatted()).await.map_err(|error| refusal(&error))?;
            Ok(connection)
        };
        let mut connection = tokio::time::timeout(self.time_limit, conversation)
            .await
            .map_err(|_| SendError::Unreachable("the mail server took too long".into()))??;
        // the mail is the server's now: whether it says goodbye does not matter any more
        let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }

    /// Everything before the first mail: the same whatever the mail is.
    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let server = (self.host.as_str(), self.port);
        let mut connection = if let Security::Wrapped(tls) = &self.security {
            let limit = Some(self.time_limit);
            AsyncSmtpConnection::connect_tokio1(server, limit, &self.name, Some(tls.clone()), None).await
        } else {
            let stream = TcpStream::connect(server).await.map_err(|error| no_answer(&error))?;
            // a mail and the dot that ends it are two writes: the second would wait until the first is acknowledged,
            // which the other side puts off for 40 ms
            stream.set_nodelay(true).map_err(|error| no_answer(&error))?;
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.name).await
        }
        .map_err(|error| silence(&error))?;
        self.introduce(&mut connection).await.map_err(|error| silence(&error))?;
        Ok(connection)
    }

    /// Encrypts the conversation and signs in, as far as is asked for.
    async fn introduce(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Error> {
        match &self.security {
            Security::StartTls(tls) => connection.starttls(tls.clone(), &self.name).await?,
            Security::StartTlsIfOffered(tls) if connection.can_starttls() => {
                connection.starttls(tls.clone(), &self.name).await?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(())
    }
}

/// Undoes `%40` and the like.
fn decoded(text: &str) -> Option<String> {
    // `+` and `&` mean themselves here, which a form decoder does not know
    let form = format!("={}", text.replace('+', "%2B").replace('&', "%26"));
    let (_, value) = form_urlencoded::parse(form.as_bytes()).next()?;
    (!value.contains('\u{FFFD}')).then(|| value.into_owned())
}

/// Why this one mail was not taken, without the server's words: they often repeat the address.
fn refusal(error: &Error) -> SendError {
    match error.status() {
        Some(code) => SendError::Refused(code.into()),
        None if error.is_client() => SendError::Unusable("the mail server cannot write to such an address"),
        None => silence(error),
    }
}

fn no_answer(error: &io::Error) -> SendError {
    SendError::Unreachable(format!("no answer from the mail server: {}", error.kind()))
}

/// Why there was no conversation.
fn silence(error: &Error) -> SendError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return no_answer(io);
        }
        cause = inner.source();
    }
    SendError::Unreachable(match error.status() {
        Some(code) => format!("the mail server does not let us in: {code}"),
        None if error.is_tls() => "the mail server's encryption does not fit".into(),
        None if error.is_client() => "the mail server has no STARTTLS, or no way to sign in that we know".into(),
        None => "no answer from the mail server".into(),
    })
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    fn letter() -> Message {
        Message::builder()
            .from("no-reply@example.ma".parse().unwrap())
            .to("amina@example.org".parse().unwrap())
            .body(String::from("salam"))
            .unwrap()
    }

    /// A server that says these lines, each after it heard something, and then nothing more.
    async fn server(lines: &'static [&'static str]) -> Smtp {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = [0; 4096];
            for line in lines {
                stream.write_all(line.as_bytes()).await.unwrap();
                if stream.read(&mut heard).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            while stream.read(&mut heard).await.unwrap_or(0) > 0 {}
        });
        Smtp { time_limit: Duration::from_millis(300), ..Smtp::new(&format!("smtp://127.0.0.1:{port}")).unwrap() }
    }

    #[test]
    fn urls_are_read_and_keep_their_secret() {
        let smtp = Smtp::new("smtp://no%40reply:p%2Bq+r&s%3A%C3%A9@mail.example.ma?tls=required").unwrap();
        assert_eq!((smtp.host.as_str(), smtp.port), ("mail.example.ma", 587));
        assert!(matches!(smtp.security, Security::StartTls(_)));
        assert_eq!(smtp.credentials, Some(Credentials::new("no@reply".into(), "p+q+r&s:é".into())));
        assert!(!format!("{smtp:?}").contains("p+q"));
        assert_eq!(Smtp::new("smtps://a:b@mail.example.ma").unwrap().port, 465);
        assert_eq!(Smtp::new("smtp://mail:1025").unwrap().port, 1025);
        assert_eq!(Smtp::new("smtp://[::1]:25").unwrap().host, "::1");
        for bad in ["smtp://", "http://mail", "smtp://mail?tls=perhaps", "smtp://a:%FF@mail", "mail"] {
            assert!(Smtp::new(bad).is_none(), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_server_that_hangs_costs_its_time_limit() {
        for lines in
            [&[][..], &["220 hi\r\n"], &["220 hi\r\n", "250 test\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"]]
        {
            let hanging = server(lines).await;
            assert_eq!(
                hanging.send(&letter()).await,
                Err(SendError::Unreachable("the mail server took too long".into())),
                "{lines:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_mail_that_was_taken_is_sent_though_nobody_says_goodbye() {
        let taken =
            server(&["220 hi\r\n", "250 test\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 taken\r\n"]).await;
        assert_eq!(taken.send(&letter()).await, Ok(()));
    }

    #[tokio::test]
    async fn a_refusal_is_told_by_its_number_only() {
        let unknown = server(&[
            "220 hi\r\n",
            "250 test\r\n",
            "250 ok\r\n",
            "550 5.1.1 <amina@example.org> unknown\r\n",
            "221 bye\r\n",
        ])
        .await;
        let error = unknown.send(&letter()).await.unwrap_err();
        assert_eq!(error, SendError::Refused(550));
        assert!(!error.to_string().contains("amina"));

        // one address that the server cannot write to says nothing about the next
        let plain = server(&["220 hi\r\n", "250 test\r\n"]).await;
        let arabic = Message::builder().from("a@example.ma".parse().unwrap()).to("أمينة@example.org".parse().unwrap());
        let error = plain.send(&arabic.body(String::from("salam")).unwrap()).await.unwrap_err();
        assert!(matches!(error, SendError::Unusable(_)), "{error}");

        let closed = server(&["554 not today\r\n"]).await;
        let error = closed.send(&letter()).await.unwrap_err();
        assert!(matches!(error, SendError::Unreachable(_)) && error.to_string().contains("554"), "{error}");

        // nobody listens there any more
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let gone = Smtp::new(&format!("smtp://127.0.0.1:{port}")).unwrap();
        assert!(gone.send(&letter()).await.unwrap_err().to_string().contains("refused"));

        // a password is not handed to a server that does not encrypt, if encryption is required
        let plain = server(&["220 hi\r\n", "250 test\r\n"]).await;
        let tls = Security::StartTls(TlsParameters::new("localhost".into()).unwrap());
        let strict = Smtp { security: tls, ..plain };
        assert!(matches!(strict.send(&letter()).await, Err(SendError::Unreachable(_))));
    }
}
