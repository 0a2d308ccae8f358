// plotly.js, loaded once for all figures.

let loading = null;

export function loadPlotly(url) {
  if (window.Plotly) return Promise.resolve();
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = () => {
      loading = null;
      reject(new Error("The drawing library could not be loaded. Reload the page to try again."));
    };
    document.head.append(script);
  });
  return loading;
}
