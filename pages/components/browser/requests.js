// What is asked of the server beside the picture, like the script of a scene: promises.
//
// What is asked for goes out with every message until it was answered; an answer is about a
// settled state.

export class Requests {
  constructor() {
    this.open = new Map(); // by name: { argument, waiting }
  }

  // A promise of the answer. A newer request of the same name has the say in what is asked.
  add(name, argument) {
    const waiting = this.open.get(name)?.waiting ?? [];
    this.open.set(name, { argument, waiting });
    return new Promise((resolve) => waiting.push(resolve));
  }

  get any() {
    return this.open.size > 0;
  }

  // As the server hears it: the arguments by name.
  wanted() {
    return Object.fromEntries([...this.open].map(([name, { argument }]) => [name, argument]));
  }

  // answers: by name { argument, answer }, or null where nobody was asked.
  take(answers) {
    for (const [name, { argument, answer }] of Object.entries(answers ?? {})) {
      const asked = this.open.get(name);
      if (asked?.argument !== argument) continue;
      this.open.delete(name);
      for (const resolve of asked.waiting) resolve(answer);
    }
  }
}
