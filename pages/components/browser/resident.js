// What lives in a component's element, from one run of the page to the next.

const residents = new WeakMap();

// The one that lives there, made if there is none yet; and what a component has to return.
export function residentOf(parentElement, make) {
  if (!residents.has(parentElement)) residents.set(parentElement, make());
  const resident = residents.get(parentElement);
  const leave = () => {
    // Streamlit also calls this for a run that a newer one has overtaken: it lives on then.
    if (parentElement.isConnected || !residents.delete(parentElement)) return;
    resident.close?.();
  };
  return { resident, leave };
}
