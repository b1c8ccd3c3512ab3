const vs = "https://cdn.jsdelivr.net/npm/monaco-editor@0.43.0/min/vs";
