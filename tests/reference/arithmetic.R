# Reference answers for what is plain arithmetic: who answered, carrying forward, open answers, fidelity totals, pooling,
# breaking even, the best of several centres. Run from this folder with `Rscript arithmetic.R`; base R. Writes
# arithmetic_answers.csv, arithmetic_R_version.txt, and the invented data: arithmetic_people.csv, arithmetic_draws.csv,
# arithmetic_coded.csv, arithmetic_ratings.csv and arithmetic_scenarios.csv.

answers <- data.frame(method = character(), quantity = character(), value = numeric())
keep <- function(method, quantity, value) {
  answers <<- rbind(answers, data.frame(method = method, quantity = quantity, value = unname(as.numeric(value))))
}
wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int)
save <- function(frame, name) write.csv(frame, paste0("arithmetic_", name, ".csv"), row.names = FALSE, quote = FALSE, na = "")
set.seed(20130404)

# ---- people: a score at three waves, four centres, two phases with other ratios of the arms, five splits in halves ---------
n <- 96
people <- data.frame(participant_id = sprintf("P%03d", 1:n), centre = rep(c("a", "b", "c", "d"), length.out = n))
people$phase <- ifelse(runif(n) < 0.35, "early", "late")
people$arm <- ifelse(runif(n) < ifelse(people$phase == "early", 2 / 3, 1 / 2), "new", "usual")
for (wave in c(0, 6, 12)) people[[paste0("score_", wave)]] <- ifelse(runif(n) < 0.12 + wave / 40, NA, round(rnorm(n, 10, 4)))
for (name in c("chosen_1", "chosen_2", "told"))
  people[[name]] <- round(20 + 6 * (people$arm == "new") * (people$centre %in% c("b", "d")) + rnorm(n, 0, 9), 1)
people$chosen_1[sample(n, 7)] <- NA
cell <- paste(people$centre, people$arm)
for (split in 1:5) {
  people[[paste0("half_", split)]] <- 0
  for (own in unique(cell)) {
    at <- which(cell == own)
    people[sample(at)[seq_len(floor(length(at) / 2))], paste0("half_", split)] <- 1
  }
}
save(people, "people")
new <- people$arm == "new"

# ---- who answered ------------------------------------------------------------------------------------------------------
known <- !is.na(people$score_12)
shares <- list(new = known[new], usual = known[!new], total = known)
for (name in names(shares)) {
  own <- shares[[name]]
  keep("who_answered", paste0(name, c("_estimate", "_low", "_high")), c(mean(own), wilson(sum(own), length(own))))
}
p <- sapply(shares[1:2], mean); ends <- sapply(shares[1:2], function(own) wilson(sum(own), length(own)))
d <- p[1] - p[2]
keep("who_answered", c("difference", "difference_low", "difference_high"),
     c(d, d - sqrt((p[1] - ends[1, 1])^2 + (ends[2, 2] - p[2])^2), d + sqrt((ends[2, 1] - p[1])^2 + (p[2] - ends[1, 2])^2)))
keep("who_answered", "difference_p", suppressWarnings(prop.test(sapply(shares[1:2], sum), lengths(shares[1:2]), correct = FALSE)$p.value))

# ---- the last known score, and from which wave it is -----------------------------------------------------------------------
waves <- c(0, 6, 12)
seen <- as.matrix(people[paste0("score_", waves)])
from <- apply(seen, 1, function(own) if (all(is.na(own))) NA else waves[max(which(!is.na(own)))])
last <- sapply(seq_len(n), function(i) if (is.na(from[i])) NA else seen[i, match(from[i], waves)])
keep("carried_forward", paste0("last_", people$participant_id), last)
counts <- table(people$arm, factor(from, waves))
for (arm in rownames(counts)) {
  keep("carried_forward", paste("people", arm, waves, sep = "_"), counts[arm, ])
  keep("carried_forward", paste("share", arm, waves, sep = "_"), prop.table(counts, 1)[arm, ])
}

# ---- who falls silent: the first score of those who answer later, and of those who do not ----------------------------------
for (arm in c("new", "usual")) {
  own <- people[people$arm == arm, ]
  stays <- !is.na(own$score_12)
  for (group in c(TRUE, FALSE)) {
    test <- t.test(own$score_0[stays == group])
    keep("who_falls_silent", paste(arm, ifelse(group, "responders", "non_responders"), c("mean", "low", "high"), sep = "_"),
         c(test$estimate, test$conf.int))
  }
  test <- t.test(own$score_0[stays], own$score_0[!stays], var.equal = TRUE)
  keep("who_falls_silent", paste(arm, "difference", c("mean", "low", "high", "p"), sep = "_"),
       c(-diff(test$estimate), test$conf.int, test$p.value))
}

# ---- pooling over strata with other ratios of the arms -------------------------------------------------------------------
fit <- lm(told ~ factor(phase) * new, people)   # saturated: its predictions are the means of the cells
at <- function(treated) mean(predict(fit, data.frame(phase = people$phase, new = treated)))
pooled <- diff(tapply(people$told, new, mean))
keep("pooling", "bias", pooled - (at(TRUE) - at(FALSE)))
late <- people$phase == "late"
keep("pooling", "trend", coef(lm(2 * late ~ new))[2])   # everybody's outcome two higher in the late phase, no effect

# ---- open answers with up to three categories --------------------------------------------------------------------------------
codes <- c("tools", "people", "time", "nothing")
m <- 70
coded <- data.frame(participant_id = sprintf("Q%02d", rep(1:(m / 2), 2)), wave = rep(c(6, 12), each = m / 2), question = "most")
pick <- t(replicate(m, { own <- sample(codes[1:3], sample(0:3, 1)); c(own, rep(NA, 3 - length(own))) }))
coded[paste0("category_", 1:3)] <- pick
coded$category_3[1] <- coded$category_1[1] <- "tools"     # twice on one answer counts once
save(coded, "coded")
for (code in codes) {
  has <- rowSums(coded[paste0("category_", 1:3)] == code, na.rm = TRUE) > 0
  share <- tapply(has, coded$wave, mean); size <- tapply(has, coded$wave, length)
  for (wave in names(share))
    keep("category_shares", paste(code, wave, c("n", "share", "low", "high"), sep = "_"),
         c(sum(has[coded$wave == wave]), share[wave], wilson(sum(has[coded$wave == wave]), size[wave])))
  half <- qnorm(0.975) * sqrt(sum(share * (1 - share) / size)) / length(share)
  keep("mean_over_waves", paste(code, c("share", "low", "high"), sep = "_"),
       c(mean(share), max(0, mean(share) - half), min(1, mean(share) + half)))
}

# ---- fidelity: two reviews of three centres, 25 items --------------------------------------------------------------------
ratings <- expand.grid(item = 1:25, centre = c("a", "b", "c"), reviewed_on = c("2010-05-01", "2011-05-01"))
ratings$score <- sample(1:5, nrow(ratings), replace = TRUE, prob = c(1, 2, 3, 4, 5))
ratings$score[ratings$centre == "c" & ratings$item == 14 & ratings$reviewed_on == "2011-05-01"] <- NA
save(ratings, "ratings")
wide <- reshape(ratings[ratings$reviewed_on == "2011-05-01", c("item", "centre", "score")], idvar = "centre",
                timevar = "item", direction = "wide")
matrix <- as.matrix(wide[, -1])
adjusted <- matrix; adjusted[, c(6, 24, 25)] <- 5
totals <- data.frame(staffing = rowSums(matrix[, 1:3]), organisation = rowSums(matrix[, 4:11]),
                     services = rowSums(matrix[, 12:25]), total = rowSums(matrix), total_adjusted = rowSums(adjusted))
for (name in names(totals)) keep("fidelity_totals", paste(name, wide$centre, sep = "_"), totals[[name]])
keep("fidelity_totals", paste("band", wide$centre, sep = "_"), findInterval(totals$total, c(25, 74, 100, 115)))

# ---- breaking even: roots of the net present value, with every year written out -------------------------------------------
scenarios <- data.frame(full = c(0.04, 0.03, -0.02), partial = c(0.02, 0, -0.01), weight = 0.5, value = c(390000, 280000, 390000),
                        cost = c(48000, 52000, 12000), control = c(18000, 16000, 30000), funds = 0.2,
                        rate = c(0.04, 0.03, 0.04), decay = c(0.1, 0, 0.2), first = c(1, 2, 1), duration = c(4.5, 3, 2.25))
save(scenarios, "scenarios")
net <- function(s, full = s$full, duration = s$duration, rate = s$rate, decay = s$decay) {
  year <- 0:199
  left <- pmax(0, pmin(1, duration - year)) * (1 - decay)^year / (1 + rate)^(s$first + year)
  (full + s$weight * s$partial) * s$value * sum(left) - (1 + s$funds) * (s$cost - s$control)
}
for (i in seq_len(nrow(scenarios))) {
  s <- scenarios[i, ]
  root <- function(f, ...) uniroot(f, ..., tol = 1e-13)$root
  keep("break_even_effect", i, root(function(full) net(s, full = full), c(-2, 2)))
  keep("break_even_duration", i, root(function(duration) net(s, duration = duration), c(0, 150)))
}
s <- scenarios[1, ]
ends <- rbind(effect = c(net(s, full = 0.01), net(s, full = 0.07)), rate = c(net(s, rate = 0.06), net(s, rate = 0.02)),
              decay = c(net(s, decay = 0.4), net(s, decay = 0)), duration = c(net(s, duration = 1), net(s, duration = 10)))
widest <- order(-apply(cbind(ends, net(s)), 1, function(own) diff(range(own))))
for (place in seq_along(widest))
  keep("one_way", paste(place, rownames(ends)[widest[place]], c("low", "high"), sep = "_"), ends[widest[place], ])
keep("one_way", "base", net(s))

# ---- the best two of four centres: what they show, chance alone by given draws, and the other half ------------------------
gap <- function(own, column) mean(own[own$arm == "new", column], na.rm = TRUE) - mean(own[own$arm == "usual", column], na.rm = TRUE)
parts <- function(own, column) {      # each person's part in the difference
  at <- split(seq_len(nrow(own)), own$arm); part <- numeric(nrow(own))
  for (arm in names(at)) {
    x <- own[at[[arm]], column]
    part[at[[arm]]] <- ifelse(is.na(x), 0, (x - mean(x, na.rm = TRUE)) / sum(!is.na(x)))
  }
  part
}
centres <- lapply(split(people, people$centre), function(own) {
  both <- cbind((parts(own, "chosen_1") + parts(own, "chosen_2")) / 2, parts(own, "told"))
  list(n = nrow(own), chosen = (gap(own, "chosen_1") + gap(own, "chosen_2")) / 2, told = gap(own, "told"), v = crossprod(both))
})
size <- sapply(centres, `[[`, "n"); chosen <- sapply(centres, `[[`, "chosen"); told <- sapply(centres, `[[`, "told")
best <- order(-chosen)[1:2]
error <- function(places) sqrt(sum(size[places]^2 * sapply(centres[places], function(own) own$v[2, 2]))) / sum(size[places])
everyone <- weighted.mean(told, size); observed <- weighted.mean(told[best], size[best])
z <- qnorm(0.975)
keep("best_by_chance", c("everyone", "everyone_low", "everyone_high"), everyone + c(0, -z, z) * error(1:4))
keep("best_by_chance", c("observed", "observed_low", "observed_high"), observed + c(0, -z, z) * error(best))
draws <- 40
normal <- matrix(rnorm(2 * draws * 4), ncol = 4)
save(data.frame(normal), "draws")
normal <- as.matrix(read.csv("arithmetic_draws.csv"))
more <- sapply(seq_len(draws), function(draw) {
  both <- sapply(1:4, function(i) t(chol(centres[[i]]$v)) %*% c(normal[draw, i], normal[draws + draw, i]))
  top <- order(-both[1, ])[1:2]
  weighted.mean(both[2, top], size[top]) - weighted.mean(both[2, ], size)
})
keep("best_by_chance", "expected", everyone + mean(more))
keep("best_by_chance", c("expected_low", "expected_high"), everyone + quantile(more, c(0.025, 0.975)))
keep("best_by_chance", "p_value", (1 + sum(more >= observed - everyone)) / (draws + 1))
found <- NULL
for (split in 1:5) for (half in 1:0) {
  by <- split(people[people[[paste0("half_", split)]] == half, ], people$centre[people[[paste0("half_", split)]] == half])
  teller <- split(people[people[[paste0("half_", split)]] != half, ], people$centre[people[[paste0("half_", split)]] != half])
  pick <- order(-sapply(by, function(own) (gap(own, "chosen_1") + gap(own, "chosen_2")) / 2))[1:2]
  v <- sapply(teller[pick], function(own) sum(parts(own, "told")^2))
  d <- weighted.mean(sapply(teller[pick], gap, "told"), size[pick])
  counts <- replace(rep(0, 4), pick, size[pick] / sum(size[pick]))
  found <- rbind(found, c(d, sum(counts[pick]^2 * v), counts))
}
of_all <- sapply(split(people, people$centre), function(own) sum(parts(own, "told")^2))
between <- mean((found[, 1] - mean(found[, 1]))^2)
given <- sum(colMeans(found[, 3:6])^2 * of_all)
e <- sqrt(max(mean(found[, 2]) - between, given))
keep("best_by_others", c("estimate", "low", "high"), mean(found[, 1]) + c(0, -z, z) * e)

answers$value <- format(answers$value, digits = 15, trim = TRUE)
save(answers, "answers")
writeLines(R.version.string, "arithmetic_R_version.txt")
