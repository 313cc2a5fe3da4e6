#include "report/page.h"

#include "report/html.h"

#include <string.h>

/* Okabe and Ito's colours, which people with any kind of colour blindness tell apart; darker on white, lighter on black. */
static const char style[] =
	":root{color-scheme:light dark;--paper:#f5f6f8;--card:#fff;--ink:#1c2127;--dim:#5b6571;--grid:#e3e6ea;--rim:#d9dde3;"
	"--deep:#fff;--c0:#0072b2;--c1:#d55e00;--c2:#00805c;--c3:#b5528f;--c4:#b07d00;--c5:#3a94cc;--c6:#5f4bb6;--c7:#6b7078}\n"
	"@media(prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1d2126;--ink:#e6e9ed;--dim:#9aa4af;--grid:#2e343b;"
	"--rim:#323941;--deep:#0d1114;--c0:#4fa8e0;--c1:#f5894a;--c2:#2fbf92;--c3:#df8fc0;--c4:#e8b53a;--c5:#86cdf5;--c6:#a796f2;"
	"--c7:#b4bac2}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;padding:24px;background:var(--paper);color:var(--ink);font:14px/1.45 system-ui,sans-serif}\n"
	"h1{font-size:20px;margin:0 0 4px}\n"
	"h2{font-size:15px;margin:0 0 8px;overflow-wrap:anywhere}\n"
	"p{margin:0 0 8px}\n"
	".sub,.note,figcaption,footer{color:var(--dim);font-size:13px;overflow-wrap:anywhere}\n"
	".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(480px,100%),1fr));gap:18px;margin:18px 0;align-items:start}\n"
	".card{background:var(--card);border:1px solid var(--rim);border-radius:8px;padding:14px 16px;min-width:0}\n"
	".wide{grid-column:1/-1}\n"
	".card svg{display:block;width:100%;height:auto}\n"
	".card svg.key{display:inline-block;width:26px;height:10px;margin-right:6px;flex:none}\n"
	".legend{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:0 0 6px;padding:0;font-size:13px}\n"
	".legend li{display:flex;align-items:center;overflow-wrap:anywhere}\n"
	".row{display:flex;flex-wrap:wrap;gap:16px}\n"
	"figure{margin:0;flex:1 1 260px;max-width:420px;min-width:0}\n"
	"figure.image{flex:0 1 auto;max-width:100%}\n"
	"figure img{display:block;max-width:100%;height:auto;background:#fff;border:1px solid var(--rim);border-radius:4px}\n"
	"figure.vector img{width:min(480px,100%);min-width:min(320px,100%)}\n"
	"figure .grid{display:none}\n"
	"figcaption{margin-bottom:4px}\n"
	"ul.problems{color:var(--ink);margin:0;padding-left:18px;overflow-wrap:anywhere}\n"
	".grid{stroke:var(--grid);stroke-width:1}\n"
	".tick{fill:var(--dim);font-size:11px}\n"
	".label{fill:var(--dim);font-size:12px}\n"
	".line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\n"
	".faint{opacity:.3;stroke-width:1.2}\n"
	".plain{color:var(--dim)}\n"
	".mark,.dot,.bar{fill:currentColor}\n"
	".dot{fill-opacity:.65}\n"
	".spot{fill:currentColor;opacity:0}\n"
	".spot:hover,.mark:hover,.dot:hover{opacity:1;fill-opacity:1;stroke:currentColor;stroke-width:4}\n"
	".bar:hover,.cell:hover{stroke:var(--ink)}\n"
	".cell{fill:var(--c0)}\n"
	".number{fill:var(--ink);font-size:12px;pointer-events:none}\n"
	".deep{fill:var(--deep)}\n"
	".c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}"
	".c4{color:var(--c4)}.c5{color:var(--c5)}.c6{color:var(--c6)}.c7{color:var(--c7)}\n"
	".d1{stroke-dasharray:7 5}.d2{stroke-dasharray:2 5}.d3{stroke-dasharray:10 4 2 4}.d4{stroke-dasharray:4 3}\n";

GString *page_begin(const char *title)
{
	GString *page = g_string_new("<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
				     "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
				     "style-src 'unsafe-inline'; img-src data:\">\n"
				     "<meta name='viewport' content='width=device-width, initial-scale=1'>\n<title>");

	html_text(page, title);
	g_string_append(page, "</title>\n<style>\n");
	g_string_append(page, style);
	g_string_append(page, "</style>\n</head>\n<body>\n<h1>");
	html_text(page, title);
	g_string_append(page, "</h1>\n");
	return page;
}

void page_image(GString *page, const char *mime, const char *data, gsize length, const char *caption)
{
	g_autofree char *base64 = g_base64_encode((const guchar *)data, length);

	g_string_append_printf(page, "<figure class='image%s'><figcaption>", strcmp(mime, "image/svg+xml") == 0 ? " vector" : "");
	html_text(page, caption);
	g_string_append(page, "</figcaption><img alt='");
	html_text(page, caption);
	g_string_append_printf(page, "' src='data:%s;base64,", mime);
	g_string_append(page, base64);
	g_string_append(page, "'></figure>\n");
}

void page_end(GString *page)
{
	g_string_append(page, "</body>\n</html>\n");
}
