import type { Transaction } from '../database/database.js';
import { newStudy, type Study } from './study.js';
import type { StudyStore } from './study.store.js';

/** What every study store must do. `open` gives a fresh one. */
export function studyStoreContract(open: () => { store: StudyStore; transaction: Transaction }): void {
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 8, minute));
  const study = (id: string, minute = 0): Study => newStudy(id, `Study ${id}`, at(minute));

  it('gives back what was created, and refuses a second study of that id', async () => {
    const { store, transaction } = open();
    await store.create(transaction, study('s1'));
    expect(await store.get(transaction, 's1')).toEqual(study('s1'));
    await expect(store.create(transaction, study('s1'))).rejects.toMatchObject({ code: 'STUDY_EXISTS' });
  });

  it('knows what it does not have', async () => {
    const { store, transaction } = open();
    expect(await store.find(transaction, 'absent')).toBeNull();
    await expect(store.get(transaction, 'absent')).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
    await expect(store.getMany(transaction, ['absent'])).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
  });

  it('saves on the version that was read, and refuses the writer who read an older one', async () => {
    const { store, transaction } = open();
    await store.create(transaction, study('s2'));
    const first = await store.get(transaction, 's2');
    const saved = await store.save(transaction, { ...first, state: 'frozen', protocolDigest: 'd', frozenAt: at(5) });
    expect(saved.version).toBe(1);
    expect(await store.get(transaction, 's2')).toEqual(saved);
    await expect(store.save(transaction, { ...first, title: 'late' })).rejects.toMatchObject({ code: 'STUDY_CHANGED' });
    expect((await store.get(transaction, 's2')).title).toBe('Study s2');
  });

  it('lists the newest first, page by page, those of the same moment by id', async () => {
    const { store, transaction } = open();
    for (const [id, minute] of [
      ['p1', 10],
      ['p4', 12],
      ['p3', 12],
      ['p2', 11],
    ] as const) {
      await store.create(transaction, study(id, minute));
    }
    const ids = async (limit: number, after: string | null) =>
      (await store.list(transaction, limit, after)).map(({ id }) => id);
    expect(await ids(3, null)).toEqual(['p3', 'p4', 'p2']);
    expect((await ids(2, 'p2'))[0]).toBe('p1');
    const many = await store.getMany(transaction, ['p2', 'p1', 'p2']);
    expect(many.map(({ id }) => id)).toEqual(['p2', 'p1', 'p2']);
  });
}
