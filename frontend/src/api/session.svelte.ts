import { api, call } from './client';
import { Resource } from './resource.svelte';
import type { Role, SessionView } from './schema';

/** Who is signed in. The cookie itself is out of a script's reach; this only knows what the server says of it. */
class Session extends Resource<SessionView> {
  /** The server stopped knowing us while a page was open: what was typed is still there. */
  expired = $state(false);
  /** Grows with each sign-in, so that what failed meanwhile can be asked again. */
  renewals = $state(0);

  get role(): Role | undefined {
    // half signed in is nobody yet
    return this.value?.missing ? undefined : this.value?.account.role;
  }

  need(): void {
    if (this.value === undefined && !this.loading) void this.load(() => call(api.GET('/api/v1/session')));
  }

  async signIn(email: string, password: string): Promise<SessionView> {
    return this.take(await call(api.POST('/api/v1/session', { body: { email, password } })));
  }

  /** Gives a code of the second factor. */
  async present(code: string): Promise<SessionView> {
    return this.take(await call(api.POST('/api/v1/session/code', { body: { code } })));
  }

  /** Reads again who is signed in, after a second factor was set up. */
  async refresh(): Promise<SessionView> {
    return this.take(await call(api.GET('/api/v1/session')));
  }

  private take(view: SessionView): SessionView {
    this.value = view;
    this.problem = undefined;
    if (view.missing) return view;
    this.expired = false;
    this.renewals++;
    return view;
  }

  /** From the beginning, because the session that was half open has ended; the page behind the form stays. */
  forget(): void {
    this.value = this.expired && this.value ? { ...this.value, missing: null } : undefined;
    this.problem = undefined;
  }

  /** Gives up a session that is half open. */
  async startAgain(): Promise<void> {
    try {
      await call(api.DELETE('/api/v1/session'));
    } finally {
      this.forget();
    }
  }

  async signOut(): Promise<void> {
    await call(api.DELETE('/api/v1/session'));
    this.value = undefined;
    this.problem = undefined;
    this.expired = false;
  }
}

export const session = new Session();

api.use({
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== '/api/v1/session' && session.role) session.expired = true;
  },
});
