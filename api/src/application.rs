//! The composition root: everything the program is made of is put together here and nowhere else.

use std::{net::TcpListener, time::Duration};

use actix_files::{Files, NamedFile};
use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle, ServiceRequest, ServiceResponse, fn_service},
    middleware::{self, from_fn},
    web,
};
use domain::ledger::note::LogKey;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::AppExt as _;
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    auth::{self, password::Passwords},
    clock::Clock,
    config::Config,
    dataset::spool::Turns,
    http::{self, guard, problem::Problem},
    jobs,
    mail::Mailer,
    metrics,
    picture::Pictures,
    store::{self, Store},
};

/// What handlers share. No state of the consultation: that is in the database, so that any number of
/// processes can serve it.
#[derive(Debug)]
pub struct State {
    /// How this installation is set up.
    pub config: Config,
    /// Where things are kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Hashes passwords within bounds.
    pub passwords: Passwords,
    /// Unpacks pictures within bounds.
    pub pictures: Pictures,
    /// Keeps photos.
    pub files: store::files::Files,
    /// The public's turns to have files packed.
    pub open_data: Turns,
    /// Sends mail.
    pub mailer: Mailer,
    /// Signs the public ledger.
    pub log_key: LogKey,
    /// Renders `/metrics`.
    pub metrics: PrometheusHandle,
}

impl State {
    /// Opens the database and sets the mail up; brings nothing up to date, and listens nowhere.
    ///
    /// # Errors
    /// The database or the mail transport cannot be had.
    pub async fn build(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let store = Store::connect(&config.database_url).await?;
        let files = store::files::Files::open(&config.attachments)?;
        let mailer = Mailer::new(&config)?;
        let log_key = config.log_key();
        Ok(Self {
            log_key,
            config,
            store,
            clock,
            passwords: Passwords::default(),
            pictures: Pictures::default(),
            files,
            open_data: Turns::default(),
            mailer,
            metrics: metrics::recorder(),
        })
    }
}

/// A server that listens and has not started to answer.
pub struct Application {
    server: Server,
    port: u16,
    state: web::Data<State>,
}

impl Application {
    /// Builds the state and binds the address.
    ///
    /// # Errors
    /// The database, the address or the mail transport cannot be had.
    pub async fn build(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(config.listen)?;
        let port = listener.local_addr()?.port();
        let state = web::Data::new(State::build(config, clock).await?);
        let server = serve(listener, state.clone())?;
        Ok(Self { server, port, state })
    }

    /// The port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Stops it from outside, as a test does; an operator sends a signal.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// What the handlers share; tests reach the clock and the mails kept in memory through it.
    #[must_use]
    pub fn state(&self) -> web::Data<State> {
        self.state.clone()
    }

    /// Answers until the process is told to stop, then lets what is under way finish. The worker, if this
    /// process runs it, stops with the server.
    ///
    /// # Errors
    /// The server failed.
    pub async fn run(self) -> std::io::Result<()> {
        let (stop, stopped) = watch::channel(false);
        let worker =
            self.state.config.worker.then(|| tokio::spawn(jobs::run(self.state.clone().into_inner(), stopped.clone())));
        let upkeep = tokio::spawn(metrics::keep_up(self.state.metrics.clone()));
        let outcome = self.server.await;
        upkeep.abort();
        stop.send_replace(true);
        if let Some(worker) = worker {
            // a mail that is being sent is sent and noted down; if that takes too long, it is sent again later
            let _ = tokio::time::timeout(WORKER_GRACE, worker).await;
        }
        outcome
    }
}

/// How long the worker may take to finish the mail in its hands.
pub const WORKER_GRACE: Duration = Duration::from_secs(20);

fn serve(listener: TcpListener, state: web::Data<State>) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        let (app, api) = App::new()
            .into_utoipa_app()
            .openapi(http::document())
            .map(|app| {
                app.app_data(state.clone())
                    .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found().into()))
                    .wrap(from_fn(auth::identify))
                    .wrap(from_fn(guard::same_origin))
                    .wrap(from_fn(guard::observe))
                    .wrap(from_fn(guard::deadline))
                    .wrap(middleware::Compress::default())
                    .wrap(from_fn(guard::doors))
                    .wrap(TracingLogger::<guard::Span>::new())
            })
            .configure(http::routes)
            .split_for_parts();
        let api = http::complete(api);
        let routes = web::Data::new(http::fallback::Routes::new(&api));
        let app = app
            .app_data(routes)
            .service(SwaggerUi::new("/api/docs/{_:.*}").url("/api/openapi.json", api))
            .service(web::scope("/api").default_service(web::to(http::fallback::api)));
        match &state.config.static_dir {
            Some(folder) => app.service(frontend(folder)),
            None => app.default_service(web::to(http::fallback::api)),
        }
    })
    .client_request_timeout(Duration::from_secs(5))
    .shutdown_timeout(8)
    .listen(listener)?
    .run();
    Ok(server)
}

/// The built frontend. Pages whose path holds a reference have no file of their own: they get the shell
/// (`200.html`), which finds out by itself what to show.
fn frontend(folder: &std::path::Path) -> Files {
    let shell = folder.join("200.html");
    Files::new("/", folder).index_file("index.html").try_compressed().default_handler(fn_service(
        move |request: ServiceRequest| {
            let shell = shell.clone();
            async move {
                let (request, _) = request.into_parts();
                let is_page = request.method() == actix_web::http::Method::GET
                    && ["/ar/", "/fr/"].iter().any(|root| request.path().starts_with(root));
                let response = if is_page {
                    NamedFile::open(shell)?.into_response(&request)
                } else {
                    Problem::not_found().answer()
                };
                Ok(ServiceResponse::new(request, response))
            }
        },
    ))
}
