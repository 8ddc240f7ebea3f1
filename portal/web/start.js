// Runs before the page is drawn, so that parts which need scripts do not jump when the module arrives.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
