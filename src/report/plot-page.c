#include "report/plot-page.h"

#include "report/html.h"
#include "report/page.h"

/* The images of all revisions side by side. */
static void write_images(GString *page, const struct plot *plot)
{
	g_string_append_printf(page, "<section class='card%s'><h2>", plot->images->len > 1 ? " wide" : "");
	html_text(page, plot->title);
	g_string_append(page, "</h2>\n<div class='row'>\n");
	for (guint i = 0; i < plot->images->len; i++) {
		const struct plot_image *image = plot->images->pdata[i];

		page_image(page, plot->mime, image->data, image->length, image->revision);
	}
	g_string_append(page, "</div>\n</section>\n");
}

static void write_problems(GString *page, const struct plots *plots)
{
	if (plots->problems->len == 0)
		return;
	g_string_append(page, "<section class='card'><h2>What could not be plotted</h2>\n<ul class='problems'>\n");
	for (guint i = 0; i < plots->problems->len; i++) {
		const struct plot_problem *problem = plots->problems->pdata[i];

		g_string_append(page, "<li>");
		html_text(page, problem->id);
		g_string_append(page, *problem->id ? " at " : "at ");
		html_text(page, problem->revision);
		g_string_append(page, ": ");
		html_text(page, problem->error->message);
		g_string_append(page, "</li>\n");
	}
	g_string_append(page, "</ul>\n</section>\n");
}

GString *plot_page(const struct plots *plots)
{
	GString *page = page_begin("Plots");

	g_string_append(page, "<p class='sub'>");
	for (char **revision = plots->revisions; *revision; revision++) {
		g_string_append(page, revision > plots->revisions ? ", " : "");
		html_text(page, *revision);
	}
	g_string_append(page, "</p>\n<main class='cards'>\n");
	for (guint i = 0; i < plots->list->len; i++) {
		const struct plot *plot = plots->list->pdata[i];
		autoptr(chart) chart = NULL;

		if (plot->mime) {
			write_images(page, plot);
			continue;
		}
		chart = plot_chart(plots, plot);
		chart_write(page, chart);
	}
	g_string_append(page, "</main>\n");
	write_problems(page, plots);
	page_end(page);
	return page;
}
