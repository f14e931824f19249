import { toProblem, type Problem } from '$api/client';

/** A choice that is saved at once, one at a time: each needs the version the one before made. */
export class Write {
  busy = $state(false);
  /** A colleague was faster: what is shown is the record as it is now. */
  conflict = $state(false);
  problem = $state<Problem>();
  said = $state('');

  async send(request: () => Promise<unknown>, done: string, onconflict: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.conflict = false;
    this.problem = undefined;
    this.said = '';
    try {
      await request();
      this.said = done;
    } catch (thrown) {
      const found = toProblem(thrown);
      if (found.code === 'version_conflict') {
        await onconflict();
        this.conflict = true;
      } else this.problem = found;
    } finally {
      this.busy = false;
    }
  }
}
